#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# webserver.py PORT - a web server of one page for the lessons. It takes a breath before it answers
# and before it closes, so that who says what first is the same each time; where nothing is asked it
# closes as soon as the other side does.
import socket
import socketserver
import sys
import time

PAGE = b"hello from the other end\n"
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(PAGE)
BREATH_S = 0.1


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6
    daemon_threads = True
    allow_reuse_address = True


class Visit(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            if self.request.recv(4096):
                time.sleep(BREATH_S)
                self.request.sendall(HEAD + PAGE)
                time.sleep(BREATH_S)
        except OSError:  # a RST: nobody is left to talk to
            pass


server = Server(("::", int(sys.argv[1])), Visit)
print("ready", flush=True)
server.serve_forever()
