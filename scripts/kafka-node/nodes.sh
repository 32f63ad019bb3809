# shellcheck shell=bash disable=SC2154 # read by scripts/kafka, which sets the paths
# The processes of a cluster: how they are written down, launched, asked and ended.

cluster_size() { # 0 without a cluster
    if [[ -f $home_dir/size ]]; then cat "$home_dir/size"; else echo 0; fi
}

node_dir() { echo "$home_dir/node-$1"; }

# The process table and not a pid file is what is believed: it survives `cargo clean` and a reused pid. A process is
# ours when it is Kafka's server on exactly this cluster's file.
node_pids() { # node number, or * for all of this cluster
    local arguments file last pattern
    pattern="$home_dir/node-$1/server.properties"
    if [[ -d /proc/self ]]; then
        for file in /proc/[0-9]*/cmdline; do
            arguments=()
            { mapfile -d '' -t arguments <"$file"; } 2>/dev/null || continue
            ((${#arguments[@]} > 2)) || continue
            last=${arguments[-1]}
            # shellcheck disable=SC2053 # the right side is a pattern
            if [[ ${arguments[-2]} == kafka.Kafka && $last == $pattern ]]; then
                file=${file#/proc/}
                echo "${file%/cmdline}"
            fi
        done
    else
        ps -axww -o pid=,args= | awk -v home="kafka.Kafka $home_dir/node-${1/\*/}" 'index($0, home) { print $1 }'
    fi
}

# Broker count in the answer of the node on a port, empty without an answer. A hand-made Metadata request (version 1,
# no topics) costs no JVM.
brokers_seen() { # port
    # shellcheck disable=SC2016 # expanded by the inner shell
    timeout 2 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 1
        printf "\0\0\0\017\0\003\0\001\0\0\0\001\0\001k\0\0\0\0" >&3
        head -c 12 <&3 | od -An -v -tu1' _ "$1" 2>/dev/null | awk 'NF == 12 { print $11 * 256 + $12 }' || true
}

port_of() { cat "$(node_dir "$1")/port"; }

free_ports() { # how many; below the range that the system gives to outgoing connections
    local port found=()
    while ((${#found[@]} < $1)); do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        [[ " ${found[*]} " == *" $port "* ]] && continue
        port_is_used "$port" || found+=("$port")
    done
    echo "${found[@]}"
}

port_is_used() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

write_properties() { # node, nodes, broker port, controller port, voters
    local directory replication=1 in_sync=1
    directory=$(node_dir "$1")
    if (($2 == 3)); then replication=3 in_sync=2; fi
    mkdir -p "$directory"
    echo "$3" >"$directory/port"
    sed -e "s|{NODE}|$1|g" -e "s|{PORT}|$3|g" -e "s|{CONTROLLER}|$4|g" -e "s|{VOTERS}|$5|g" \
        -e "s|{DATA}|$directory/data|g" -e "s|{REPLICATION}|$replication|g" -e "s|{IN_SYNC}|$in_sync|g" \
        -e "s|{SESSION}|${session_seconds}000|g" \
        "$parts/server.properties" >"$directory/server.properties"
}

java_class() { # JVM flags, log configuration, class and arguments
    local flags=$1 logging=$2
    shift 2
    # shellcheck disable=SC2086 # the flags are words
    java $flags "-Dlog4j2.configurationFile=$parts/$logging" -cp "$libs/*" "$@"
}

format_node() { # node, cluster id
    java_class "$tool_flags" log4j2-tool.properties kafka.tools.StorageTool format -t "$2" \
        -c "$(node_dir "$1")/server.properties" </dev/null >"$(node_dir "$1")/format.log" 2>&1
}

launch_node() {
    local directory detach=nohup
    directory=$(node_dir "$1")
    # A session of its own: Ctrl-C in the terminal that started the tests must not end the broker first.
    if command -v setsid >/dev/null; then detach=setsid; fi
    # shellcheck disable=SC2086 # the flags are words
    "$detach" java $node_flags "-Dlog4j2.configurationFile=$parts/log4j2-server.properties" -cp "$libs/*" \
        kafka.Kafka "$directory/server.properties" </dev/null >>"$directory/server.log" 2>&1 9>&- &
    echo $! >"$directory/pid"
}

show_log_end() {
    local directory
    directory=$(node_dir "$1")
    [[ -s $directory/format.log ]] && sed "s/^/node $1 format: /" "$directory/format.log" | tail -n 5 >&2
    [[ -s $directory/server.log ]] && sed "s/^/node $1: /" "$directory/server.log" | tail -n 25 >&2
    true
}

# Waits until each named node lists at least so many brokers.
wait_ready() { # brokers, node...
    local wanted=$1 node seen deadline=$((SECONDS + start_seconds))
    shift
    for node in "$@"; do
        while true; do
            seen=$(brokers_seen "$(port_of "$node")")
            if [[ -n $seen ]] && ((seen >= wanted)); then break; fi
            # `$!` of a launch may need a moment to become java; its log says more than the table of processes.
            if ! kill -0 "$(<"$(node_dir "$node")/pid")" 2>/dev/null; then
                show_log_end "$node"
                echo "kafka: node $node ended while it was starting; the end of its log is above" >&2
                return 1
            fi
            if ((SECONDS >= deadline)); then
                show_log_end "$node"
                echo "kafka: node $node does not list $wanted brokers after $start_seconds s (it lists ${seen:-none})" >&2
                return 1
            fi
            sleep 0.1
        done
    done
}

end_processes() { # node number or *
    local pid pids deadline=$((SECONDS + stop_seconds))
    mapfile -t pids < <(node_pids "$1")
    # A frozen process handles SIGTERM only when it runs again.
    for pid in "${pids[@]}"; do
        kill -TERM "$pid" 2>/dev/null || true
        kill -CONT "$pid" 2>/dev/null || true
    done
    while mapfile -t pids < <(node_pids "$1") && ((${#pids[@]} > 0)); do
        if ((SECONDS >= deadline)); then
            for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
        fi
        sleep 0.1
    done
}
