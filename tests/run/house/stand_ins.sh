# Stand-ins for what tools/house.sh calls: they write down the call. $absent is the package that is missing, $user the id.
apt-get() { echo "apt-get $1 ${*: -1}" >>calls; }
sudo() { echo "sudo $*" >>calls; }
env() { "${@:2}"; }
id() { echo "${user:-0}"; }
dpkg-query() { [ "${*: -1}" = "${absent:-}" ] || echo installed; }
. "$TREE/tools/house.sh"
