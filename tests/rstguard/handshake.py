#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The three steps of every tutorial, then a question: SRC DST PORT [SPORT, else RSTGUARD_PORT]."""
import os
import sys

from scapy.all import IP, TCP, IPv6, conf, send, sr1

conf.verb = 0
src, dst, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
sport = int(sys.argv[4] if len(sys.argv) > 4 else os.environ["RSTGUARD_PORT"])
ip = (IPv6 if ":" in dst else IP)(src=src, dst=dst)
question = b"GET /index.html HTTP/1.0\r\nHost: x\r\n\r\n"

answer = sr1(ip / TCP(sport=sport, dport=port, flags="S", seq=1000), timeout=3)
if answer is None or answer[TCP].flags != "SA":
    sys.exit("no SYN-ACK")
ack = answer[TCP].seq + 1
send(ip / TCP(sport=sport, dport=port, flags="A", seq=1001, ack=ack))
answer = sr1(ip / TCP(sport=sport, dport=port, flags="PA", seq=1001, ack=ack) / question, timeout=3)
if answer is None or "R" in str(answer[TCP].flags):
    sys.exit("reset")
print("acknowledged", answer[TCP].ack - 1001)
