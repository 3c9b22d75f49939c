#!/usr/bin/env bash
# Records link.pcap: ARP, ICMP, UDP and TCP between two network namespaces over a veth pair.
#
# Needs root, tcpdump, iproute2, iputils-ping, python3; ethtool if there. Writes link.pcap into the folder
# given as argument (default: this script's folder). Times and port numbers differ from run to run; what
# stays is the traffic: who sends what, how long, in which order of exchanges.
set -euo pipefail
target=${1:-$(dirname "$0")}
a=ringproof-a
b=ringproof-b

cleanup() {
  [ -z "${dump:-}" ] || kill "$dump" 2>/dev/null || true
  ip netns del $a 2>/dev/null || true
  ip netns del $b 2>/dev/null || true
}
trap cleanup EXIT
cleanup

ip netns add $a
ip netns add $b
ip link add veth-a address 02:00:00:00:00:0a netns $a mtu 1500 type veth peer name veth-b address 02:00:00:00:00:0b netns $b mtu 1500
for side in a b; do
  ns=ringproof-$side
  # Without IPv6 there is no router solicitation, so that the link is silent until somebody speaks.
  ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 || true
  # Checksum offload stays on: its partial checksums are what a virtual link carries. Segmentation goes off,
  # so that no frame is longer than the MTU allows.
  ip netns exec $ns ethtool -K veth-$side tso off gso off gro off >/dev/null 2>&1 || true
done
ip -n $a addr add 10.77.0.1/24 dev veth-a
ip -n $b addr add 10.77.0.2/24 dev veth-b
ip -n $a link set veth-a up
ip -n $b link set veth-b up
sleep 1

ip netns exec $a tcpdump -i veth-a -w "$target/link.pcap" --time-stamp-precision=nano -s 0 -U 2>/dev/null &
dump=$!
sleep 1

# ARP and ICMP: small, full-sized and odd-sized requests.
ip netns exec $a ping -c 3 -i 0.2 10.77.0.2 >/dev/null
ip netns exec $b ping -c 2 -i 0.2 -s 1472 10.77.0.1 >/dev/null
ip netns exec $a ping -c 2 -i 0.2 -s 33 10.77.0.2 >/dev/null

# UDP: a burst of growing datagrams each way, answered one by one. TCP: 24 kB to B, 12 kB back, orderly close.
ip netns exec $b python3 - <<'PYTHON' &
import socket, threading
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('10.77.0.2', 9107))
    for _ in range(16):
        text, peer = s.recvfrom(2048)
        s.sendto(text[::-1], peer)
def tcp():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('10.77.0.2', 9108))
    s.listen()
    c, _ = s.accept()
    left = 24000
    while left > 0:
        left -= len(c.recv(left))
    c.sendall(bytes(i % 251 for i in range(12000)))
    c.close()
threads = [threading.Thread(target=udp), threading.Thread(target=tcp)]
for t in threads: t.start()
for t in threads: t.join()
PYTHON
server=$!
sleep 1
ip netns exec $a python3 - <<'PYTHON'
import socket
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(16):
    u.sendto(bytes((i + k) % 256 for k in range(i * 97 % 1473)), ('10.77.0.2', 9107))
for i in range(16):
    u.recvfrom(2048)
t = socket.create_connection(('10.77.0.2', 9108))
t.sendall(bytes(i % 253 for i in range(24000)))
left = 12000
while left > 0:
    left -= len(t.recv(left))
t.close()
PYTHON
wait $server
sleep 1
kill -INT $dump
wait $dump || true
dump=
