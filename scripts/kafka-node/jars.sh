# shellcheck shell=bash disable=SC2154 # read by scripts/kafka, which sets the paths
# Kafka's jars, brought once from Maven.

need_command() { # command, Debian package
    command -v "$1" >/dev/null && return
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        echo "kafka: installing $2, for the command $1" >&2
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2"; } </dev/null >&2 ||
            fail "the command $1 is missing and apt-get could not install $2; install it by hand"
    else
        fail "the command $1 is missing; install it (on Debian: apt-get install $2)"
    fi
}

bring_jars() {
    local wanted attempt
    need_command java openjdk-17-jre-headless
    wanted=$(cksum <"$parts/pom.xml")
    [[ -f $libs/.complete && $(<"$libs/.complete") == "$wanted" ]] && return
    need_command mvn maven
    mkdir -p "$shared"
    (
        # Two starts at once in a fresh clone must not fill one directory together.
        flock -w 600 8 || fail "another process has been bringing the jars for ten minutes ($shared/libs.lock)"
        [[ -f $libs/.complete && $(<"$libs/.complete") == "$wanted" ]] && exit 0
        echo "kafka: bringing Kafka's jars from Maven" >&2
        for attempt in 1 2 3; do
            rm -rf "$libs.partial"
            if mvn -B -q -Dstyle.color=never -f "$parts/pom.xml" dependency:copy-dependencies "-Dlibs=$libs.partial" </dev/null >&2; then
                echo "$wanted" >"$libs.partial/.complete"
                rm -rf "$libs"
                mv "$libs.partial" "$libs"
                exit 0
            fi
            echo "kafka: attempt $attempt of 3 to bring the jars failed" >&2
            sleep $((attempt * 2))
        done
        fail "Kafka's jars could not be brought from Maven; the messages above say why"
    ) 8>"$shared/libs.lock"
}
