#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# One seed, three peers: creates a folder of real files, shares it, downloads it three times concurrently, compares
# every byte. The seed deliberately uploads slowly, so that the peers must get most of it from one another. Nobody is told
# of a peer: they find each other through a DHT of their own, which begins with one node.
#
# Usage: Examples/demo.sh FILE-SHARE      (the path of the built program)
# DEMO_SEED_RATE is the seed's upload limit (12M), DEMO_MEGABYTES the size of the folder, roughly (320).

set -euo pipefail

seed_rate=${DEMO_SEED_RATE:-12M}
megabytes=${DEMO_MEGABYTES:-320}
folder=Beehive
peers=(1 2 3)
patience_seconds=600
declare -A pid # by name: node, seed, peer-1, …

main() {
    file_share=$(realpath "${1:?usage: demo.sh FILE-SHARE}")
    work=$(mktemp -d "${TMPDIR:-/tmp}/ruche-demo.XXXXXX")
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    cd "$work"

    say "Gathering about $megabytes MB of files, small and large"
    make_files
    say "Making a hybrid torrent"
    "$file_share" create "source/$folder" -o beehive.torrent --comment "Ruche demo"
    "$file_share" verify beehive.torrent --data source | tail -n 1
    say "A DHT; one seed, at most ${seed_rate}B a second; three peers that begin with nothing and know nobody"
    start_swarm
    watch_swarm
    stop_swarm
    say "Comparing every byte and every hash"
    compare_copies
    conclude
}

say() { printf '\n== %s\n' "$1"; }

fail() {
    printf 'demo: %s\n' "$1" >&2
    exit 1
}

clean_up() {
    local name
    for name in "${!pid[@]}"; do kill -KILL "${pid[$name]}" 2>/dev/null || true; done
    # By name: a bare wait would wait for every pipe as well.
    for name in "${!pid[@]}"; do wait "${pid[$name]}" 2>/dev/null || true; done
    rm -rf "$work"
}

# --- Files

make_files() {
    local root=source/$folder size
    mkdir -p "$root/generated/deep/er/still" "$root/tools"
    copy_real_files "$root/real" $((megabytes * 1000000 / 3))
    head -c $((megabytes * 1000000 / 3)) /dev/urandom >"$root/generated/large.bin"
    head -c $((megabytes * 1000000 / 4)) /dev/urandom >"$root/generated/deep/medium.bin"
    head -c $((megabytes * 1000000 / 16)) /dev/zero >"$root/generated/deep/zeros.bin"
    for size in 1 16383 16384 16385 1000003; do
        head -c "$size" /dev/urandom >"$root/generated/deep/er/still/$size bytes.bin"
    done
    : >"$root/generated/empty"
    printf '#!/bin/sh\necho buzz\n' >"$root/tools/buzz"
    chmod +x "$root/tools/buzz"
    printf 'é, 蜂 and 🐝\n' >"$root/Bienenstöcke 🐝.txt"
    make_odd_names "$root/names"
    printf '%s files, %s\n' "$(find "$root" -type f | wc -l)" "$(du -sh --apparent-size "$root" | cut -f1)"
}

# Names that a download changes: the name in the source, and the name in a copy.
tab=$'\t' mark=$'\u202e'
deceptive=("tab${tab}in it" "tab_in it" "photo${mark}gpj.exe" "photogpj.exe")

# Files with reserved, long, similar or misleading names below folder $1, each with different bytes.
make_odd_names() {
    local name length
    mkdir -p "$1/deceptive" "$1/con.folder"
    for name in aux.h con nul.txt COM1 'dot.' 'system\x2dcryptsetup.slice' '-dash' ' space ' 'a:b?*"<>|' 'con.folder/prn' \
        "deceptive/${deceptive[0]}" "deceptive/${deceptive[2]}"; do
        head -c 40000 /dev/urandom >"$1/$name"
    done
    for length in 241 247 251 255; do head -c 30000 /dev/urandom >"$1/$(printf "%0${length}d" 0)"; done
    for name in README readme; do printf '%s\n' "$name" >"$1/$name"; done
    [[ $(<"$1/README") == README ]] || say "This disk takes README and readme for one file"
}

# Copies files of this machine with their paths below folder $1, up to $2 bytes.
copy_real_files() {
    local target=$1 room=$2 count=0 seen=0 size path
    while read -r size path; do
        # Every seventh, for variety; files of more than a third of the limit would leave little for others.
        ((++seen % 7 == 0 && size <= room && size * 3 <= $2)) || continue
        mkdir -p "$target${path%/*}"
        cp "$path" "$target$path"
        room=$((room - size))
        ((++count < 800)) || break
    done < <(find /usr/lib /usr/include /usr/share -type f -readable -printf '%s %p\n' 2>/dev/null)
}

# --- Swarm

start_swarm() {
    local peer dht
    start node dht status
    dht=--dht-bootstrap=127.0.0.1:$(port_of node)
    start seed seed beehive.torrent --data source --limit-up "$seed_rate" "$dht"
    for peer in "${peers[@]}"; do start "peer-$peer" get beehive.torrent -o "peer-$peer" --seed "$dht"; done
}

start() {
    local name=$1
    shift
    "$file_share" "$@" --listen 127.0.0.1:0 --json >"$name.log" 2>"$name.errors" &
    pid[$name]=$!
}

# The port of a node or a session, as soon as it listens.
port_of() {
    local tries line
    for ((tries = 0; tries < 200; tries++)); do
        line=$(grep '"event":"listening"' "$1.log" 2>/dev/null || true)
        if [[ $line =~ \"port\":([0-9]+)|127\.0\.0\.1:([0-9]+) ]]; then
            echo "${BASH_REMATCH[1]:-${BASH_REMATCH[2]}}"
            return
        fi
        sleep 0.05
    done
    fail "$1 does not listen: $(<"$1.errors")"
}

stop_swarm() {
    local name
    # The node has nothing to finish.
    kill -KILL "${pid[node]}"
    wait "${pid[node]}" 2>/dev/null || true
    unset "pid[node]"
    for name in "${!pid[@]}"; do kill -INT "${pid[$name]}"; done
    for name in "${!pid[@]}"; do
        wait "${pid[$name]}" || fail "$name ended with status $?: $(<"$name.errors")"
        unset "pid[$name]"
    done
}

# --- Progress

watch_swarm() {
    local round lines
    for ((round = 0; ; round++)); do
        ((round <= patience_seconds * 2)) || fail "not done after $patience_seconds seconds"
        lines=$(look seed && for peer in "${peers[@]}"; do look "peer-$peer"; done)
        if [[ -t 1 ]]; then
            # Four lines up, and over them.
            ((round == 0)) || printf '\e[%dA' $((${#peers[@]} + 1))
            printf '%s\n' "$lines"
        elif ((round % 6 == 0)); then
            printf '%s\n\n' "$lines"
        fi
        check_alive
        ! all_finished || break
        sleep 0.5
    done
}

# The status of one of them in a line.
look() {
    local line pattern bar done total down up sent state
    line=$(tail -n 2 "$1.log" | grep -a '"event":"progress".*}$' | tail -n 1) || true
    pattern='"done":([0-9]+),"total":([0-9]+),"down":([0-9]+),"up":([0-9]+),.*"uploaded":([0-9]+),.*"state":"([^"]*)"'
    if [[ $line =~ $pattern ]]; then
        done=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]} down=${BASH_REMATCH[3]} up=${BASH_REMATCH[4]}
        sent=${BASH_REMATCH[5]} state=${BASH_REMATCH[6]}
    else
        done=0 total=0 down=0 up=0 sent=0 state=starting
    fi
    bar=$(((total > 0 ? done * 30 / total : 0)))
    printf '%-7s %s %3d %%  down %s  up %s  sent %s  %-12s' "$1" "$(draw_bar "$bar" 30)" \
        $((total > 0 ? done * 100 / total : 0)) "$(megabytes "$down")/s" "$(megabytes "$up")/s" \
        "$(megabytes "$sent")" "$state"
    echo
}

draw_bar() {
    local full empty
    printf -v full '%*s' "$1" ''
    printf -v empty '%*s' $(($2 - $1)) ''
    printf '%s%s' "${full// /█}" "${empty// /·}"
}

megabytes() { printf '%4d.%d MB' $(($1 / 1000000)) $(($1 / 100000 % 10)); }

check_alive() {
    local name
    for name in "${!pid[@]}"; do
        kill -0 "${pid[$name]}" 2>/dev/null || fail "$name has ended: $(<"$name.errors")"
    done
}

all_finished() {
    local peer
    for peer in "${peers[@]}"; do
        grep -q '"event":"finished"' "peer-$peer.log" || return 1
    done
}

# --- The end

compare_copies() {
    local peer
    for peer in "${peers[@]}"; do
        diff -r -x deceptive "source/$folder" "peer-$peer/$folder" || fail "the copy of peer $peer differs"
        compare_deceptive "source/$folder/names/deceptive" "peer-$peer/$folder/names/deceptive" \
            || fail "the copy of peer $peer differs in what a download filters"
        [[ -x peer-$peer/$folder/tools/buzz ]] || fail "peer $peer has lost the mark of a program"
        "$file_share" verify beehive.torrent --data "peer-$peer" | tail -n 1
    done
}

# The files under their original names in folder $1 must be under safe ones in folder $2, and no others there.
compare_deceptive() {
    local index
    for ((index = 0; index < ${#deceptive[@]}; index += 2)); do
        cmp "$1/${deceptive[index]}" "$2/${deceptive[index + 1]}" || return 1
    done
    [[ $(find "$2" -type f | wc -l) == $((${#deceptive[@]} / 2)) ]]
}

conclude() {
    local peer sent seconds from_peers=0 from_seed
    echo
    for peer in "${peers[@]}"; do
        sent=$(last_number uploaded "peer-$peer")
        seconds=$(grep '"event":"finished"' "peer-$peer.log" | grep -o '"seconds":[0-9]*' | cut -d: -f2)
        from_peers=$((from_peers + sent))
        printf 'Peer %s had everything after %d s, and sent %s to the others.\n' "$peer" "$seconds" \
            "$(megabytes "$sent" | tr -s ' ' | sed 's/^ //')"
    done
    from_seed=$(last_number uploaded seed)
    printf '\nThree copies, all byte for byte right: %d %% of what travelled came from the peers, %d %% from the seed.\n' \
        $((from_peers * 100 / (from_peers + from_seed))) $((100 - from_peers * 100 / (from_peers + from_seed)))
}

last_number() { grep -o "\"$1\":[0-9]*" "$2.log" | tail -n 1 | cut -d: -f2; }

main "$@"
