#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mmdb.py FILE PREFIX=VALUE... - writes a small database in MaxMind's format 2.0: for the addresses of
# each prefix autonomous_system_number if VALUE is a number, or asn if it is a word. IPv4 stands at
# ::/96, as the format wants it.
import ipaddress
import struct
import sys


def field(kind, size):
    head = bytes([size]) if kind < 8 else bytes([size, kind - 7])
    return bytes([head[0] | kind << 5]) if kind < 8 else head


def number(kind, value):
    octets = value.to_bytes((value.bit_length() + 7) // 8, 'big')
    return field(kind, len(octets)) + octets


def word(text):
    return field(2, len(text)) + text.encode()


def table(rows):
    return field(7, len(rows)) + b''.join(word(key) + value for key, value in rows)


tree = [[None, None]]  # of each node the next by the next bit: a node, (an offset of data,) or None
data = b''
for argument in sys.argv[2:]:
    prefix, value = argument.split('=')
    net = ipaddress.ip_network(prefix)
    bits = net.prefixlen + (96 if net.version == 4 else 0)
    address = int(net.network_address)
    at = 0
    for i in range(bits - 1):
        bit = address >> (127 - i) & 1
        if not isinstance(tree[at][bit], int):
            tree.append([tree[at][bit]] * 2)
            tree[at][bit] = len(tree) - 1
        at = tree[at][bit]
    tree[at][address >> (128 - bits) & 1] = (len(data),)
    data += (table([('autonomous_system_number', number(6, int(value)))]) if value.isdigit() else
             table([('asn', word(value))]))

with open(sys.argv[1], 'wb') as out:
    for node in tree:
        for record in node:
            if record is None:
                record = len(tree)
            elif isinstance(record, tuple):
                record = len(tree) + 16 + record[0]
            out.write(struct.pack('>I', record)[1:])
    out.write(bytes(16) + data + b'\xab\xcd\xefMaxMind.com' + table([
        ('node_count', number(6, len(tree))),
        ('record_size', number(5, 24)),
        ('ip_version', number(5, 6)),
        ('database_type', word('Test-ASN')),
        ('languages', field(11, 0)),
        ('binary_format_major_version', number(5, 2)),
        ('binary_format_minor_version', number(5, 0)),
        ('build_epoch', number(9, 1767225600)),
        ('description', table([])),
    ]))
