// SPDX-License-Identifier: Apache-2.0

internal import CPageCache

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension Descriptor {
    /// Fills `out` from `offset`; returns fewer bytes only at the end of the file.
    func read(into out: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
        guard let base = out.baseAddress else { return 0 }
        var done = 0
        while done < out.count {
            let count = try Self.retrying { pread(number, base + done, out.count - done, off_t(offset + done)) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Fills the next `limit` bytes of `chunks` from `offset`; returns fewer bytes only at the end of the file.
    func read(_ limit: Int, into chunks: inout ChunkCursor, at offset: Int) throws(SystemError) -> Int {
        var done = 0
        while done < limit {
            let count = try chunks.withVectors(upTo: limit - done) { vectors, used throws(SystemError) in
                try Self.retrying { preadv(number, vectors, used, off_t(offset + done)) }
            }
            if count == 0 { break }
            chunks.advance(by: count)
            done += count
        }
        return done
    }

    /// Like `read`, but only from the page cache; returns false if any byte is not there.
    func readAtOnce(_ count: Int, into chunks: inout ChunkCursor, at offset: Int) -> Bool {
        var done = 0
        while done < count {
            let step = try? chunks.withVectors(upTo: count - done) { vectors, used throws(SystemError) in
                page_cache_read(number, vectors, used, off_t(offset + done))
            }
            guard let step, step > 0 else { return false }
            chunks.advance(by: step)
            done += step
        }
        return true
    }

    /// Returns the whole file; empty if it is longer than `limit`.
    func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        let size = try status().size
        guard size > 0, size <= limit else { return [] }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        let count = try read(into: buffer, at: 0)
        return Array(buffer[..<count])
    }

    /// Writes the next `count` bytes of `chunks` at `offset`.
    func write(_ count: Int, of chunks: inout ChunkCursor, at offset: Int) throws(SystemError) {
        var done = 0
        while done < count {
            let written = try chunks.withVectors(upTo: count - done) { vectors, used throws(SystemError) in
                try Self.retrying { pwritev(number, vectors, used, off_t(offset + done)) }
            }
            if written == 0 { throw SystemError(number: EIO) }
            chunks.advance(by: written)
            done += written
        }
    }

    /// Writes `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let written = try Self.retrying { pwrite(number, base + done, bytes.count - done, off_t(offset + done)) }
            if written == 0 { throw SystemError(number: EIO) }
            done += written
        }
    }

    /// Writes `bytes` at `offset`.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(SystemError) in try write(bytes, at: offset) }
        }
        try result.get()
    }

    /// Returns once the file's bytes and size would survive a power cut.
    func syncData() throws(SystemError) {
        #if canImport(Darwin)
        // On Darwin, fsync leaves bytes in the drive's cache; some file systems support nothing better.
        if fcntl(number, F_FULLFSYNC) == -1 { try Self.retrying { fsync(number) } }
        #else
        try Self.retrying { fdatasync(number) }
        #endif
    }

    /// Drops the file's written pages from the page cache, where the system supports that.
    func forgetCached() {
        #if !canImport(Darwin)
        _ = posix_fadvise(number, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    /// Returns once a folder's entries would survive a power cut.
    func syncFolder() throws(SystemError) { try Self.retrying { fsync(number) } }

    /// Makes the file `size` bytes long; added bytes are a hole if the file system supports holes.
    func resize(to size: Int) throws(SystemError) { try Self.retrying { ftruncate(number, off_t(size)) } }

    /// Allocates `size` bytes on disk if the file system can; otherwise like `resize`.
    func allocate(_ size: Int) throws(SystemError) {
        #if canImport(Darwin)
        var request = fstore_t(
            fst_flags: UInt32(F_ALLOCATEALL),
            fst_posmode: F_PEOFPOSMODE,
            fst_offset: 0,
            fst_length: off_t(size),
            fst_bytesalloc: 0
        )
        if fcntl(number, F_PREALLOCATE, &request) == -1, errno == ENOSPC { throw .current }
        #else
        // Returns its error. Any error but a full disk means that the file system cannot allocate.
        let error = size > 0 ? posix_fallocate(number, 0, off_t(size)) : 0
        if error == ENOSPC || error == EDQUOT { throw SystemError(number: error) }
        #endif
        try resize(to: size)
    }
}

/// Tracks how far a gather write or scatter read has advanced through its chunks.
struct ChunkCursor {
    private let chunks: [UnsafeRawBufferPointer]
    private var index = 0
    private var offset = 0

    /// For writing from `chunks`.
    init(_ chunks: [UnsafeRawBufferPointer]) { self.chunks = chunks }

    /// For reading into `chunks`, which must not be accessed otherwise meanwhile.
    init(_ chunks: [UnsafeMutableRawBufferPointer]) { self.chunks = chunks.map { UnsafeRawBufferPointer($0) } }

    /// Calls `body` with vectors for the next `limit` bytes, or as many as one system call takes.
    fileprivate func withVectors<R>(
        upTo limit: Int,
        _ body: (UnsafePointer<iovec>?, Int32) throws(SystemError) -> R
    ) throws(SystemError) -> R {
        try withUnsafeTemporaryAllocation(of: iovec.self, capacity: StorageLimits.gatherCount) {
            vectors -> Result<R, SystemError> in
            let used = fill(vectors, upTo: limit)
            return Result { () throws(SystemError) in try body(vectors.baseAddress, Int32(used)) }
        }.get()
    }

    /// Fills `vectors` with the next `limit` bytes, or as many as fit; returns the number of vectors used.
    private func fill(_ vectors: UnsafeMutableBufferPointer<iovec>, upTo limit: Int) -> Int {
        var used = 0
        var left = limit
        var skipped = offset
        for chunk in chunks[index...] where used < vectors.count && left > 0 {
            let length = min(chunk.count - skipped, left)
            if length > 0, let base = chunk.baseAddress {
                let address = UnsafeMutableRawPointer(mutating: base + skipped)
                vectors.initializeElement(at: used, to: iovec(iov_base: address, iov_len: length))
                used += 1
                left -= length
            }
            skipped = 0
        }
        return used
    }

    /// Writes zeros over the next `count` bytes of chunks that are read into.
    mutating func zero(_ count: Int) {
        var left = count
        while left > 0, index < chunks.count {
            let rest = UnsafeRawBufferPointer(rebasing: chunks[index][offset...].prefix(left))
            UnsafeMutableRawBufferPointer(mutating: rest).initializeMemory(as: UInt8.self, repeating: 0)
            left -= rest.count
            if rest.isEmpty {
                index += 1
                offset = 0
            } else {
                advance(by: rest.count)
            }
        }
    }

    /// Skips `count` bytes.
    mutating func advance(by count: Int) {
        var left = count
        while left > 0, index < chunks.count {
            let step = min(left, chunks[index].count - offset)
            left -= step
            offset += step
            if offset == chunks[index].count {
                index += 1
                offset = 0
            }
        }
    }
}
