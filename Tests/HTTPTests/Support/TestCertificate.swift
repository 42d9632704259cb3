// SPDX-License-Identifier: Apache-2.0

/// A self-signed certificate for `server.test`, valid until 2120, and its key.
enum TestCertificate {
    static let pem = """
        -----BEGIN CERTIFICATE-----
        MIIBRzCB7qADAgECAgEHMAoGCCqGSM49BAMCMBYxFDASBgNVBAMMC3NlcnZlci50
        ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAWMRQwEgYDVQQD
        DAtzZXJ2ZXIudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPgADHlYMZa3
        E2JKvuAhyMwSkKC4wFG4r9UtTEZNQNJ0SzZTCoPyFSbuMOb3GEO5Mvzn2IypdO6j
        XKjrgkANyOWjKzApMBYGA1UdEQQPMA2CC3NlcnZlci50ZXN0MA8GA1UdEwEB/wQF
        MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgRTeOI8BhohurLoB9Ai/4MWOidy0Hp9B0
        Ek9ek2pV/90CIQDkMuVxABrXVRKl06vOfhxX6jJUlc7KNtXc2YR4U6HeQQ==
        -----END CERTIFICATE-----
        """

    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5gPzTrx6l8aqI20A
        8tVBfqnISwIU6csIVb9OuuwD/MihRANCAAT4AAx5WDGWtxNiSr7gIcjMEpCguMBR
        uK/VLUxGTUDSdEs2UwqD8hUm7jDm9xhDuTL859iMqXTuo1yo64JADcjl
        -----END PRIVATE KEY-----
        """
}
