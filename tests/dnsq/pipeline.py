#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A name server over TCP that takes many questions at a time.

pipeline.py ADDR PORT reverse|close N [CERT KEY]

reverse: N questions are awaited, then answered from the last to the first, octet by octet.
close: each is answered at once, and behind the answer to the Nth the connection ends.
n7.test has the address 192.0.2.7. Each connection that ends is told: "connection with 5 questions".
With CERT and KEY it speaks TLS.
"""
import socket
import ssl
import struct
import sys


def answer(query):
    end = 12
    while query[end]:
        end += query[end] + 1
    end += 5
    number = int(query[14:13 + query[12]])
    head = query[:2] + struct.pack('>HHHHH', 0x8400, 1, 1, 0, 0)
    message = head + query[12:end] + b'\xc0\x0c' + struct.pack('>HHIH', 1, 1, 60, 4) + bytes((192, 0, 2, number))
    return struct.pack('>H', len(message)) + message


def questions(sock):
    data = b''
    while True:
        try:
            more = sock.recv(4096)
        except OSError:
            return
        if not more:
            return
        data += more
        while len(data) >= 2 and len(data) >= 2 + struct.unpack('>H', data[:2])[0]:
            size = struct.unpack('>H', data[:2])[0]
            yield data[2:2 + size]
            data = data[2 + size:]


def serve(sock, mode, count):
    taken, waiting = 0, []
    for query in questions(sock):
        taken += 1
        waiting.insert(0, answer(query))
        if mode == 'close':
            sock.sendall(waiting.pop())
            if taken == count:
                break
        elif len(waiting) == count:
            for octet in b''.join(waiting):
                sock.sendall(bytes((octet,)))
            waiting = []
    return taken


def main():
    address, port, mode, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    listener = socket.create_server((address, port))
    context = None
    if len(sys.argv) > 5:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[5], sys.argv[6])
    print('ready', flush=True)
    while True:
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            sock = context.wrap_socket(sock, server_side=True)
        print('connection with %d questions' % serve(sock, mode, count), flush=True)
        sock.close()


main()
