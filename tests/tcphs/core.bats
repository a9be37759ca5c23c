#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The shared object, as a driver of another language meets it.

@test "libtcphs-core.so: two ends shake hands, talk and part, on a clock of the driver's" {
	run /usr/bin/python3 - build/lib/libtcphs-core.so <<-'PY'
		import ctypes, sys

		core = ctypes.CDLL(sys.argv[1])
		for name, kind in {"new": ctypes.c_void_p, "due_ns": ctypes.c_uint64, "packet_out": ctypes.c_long,
		                   "read": ctypes.c_long, "write": ctypes.c_long, "state": ctypes.c_char_p,
		                   "end": ctypes.c_char_p}.items():
		    getattr(core, "tcphs_core_" + name).restype = kind
		u64, void, now = ctypes.c_uint64, ctypes.c_void_p, 10 ** 9
		a, b = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
		ends = [void(core.tcphs_core_new(4, a, 5000, b, 80)), void(core.tcphs_core_new(4, b, 80, None, 0))]
		assert core.tcphs_core_set(ends[0], b"isn", u64(7)) == 0
		assert core.tcphs_core_set(ends[0], b"colour", u64(7)) == -1

		def carry():
		    moved = True
		    while moved:
		        moved = False
		        for i in (0, 1):
		            buf = ctypes.create_string_buffer(65600)
		            n = core.tcphs_core_packet_out(ends[i], buf, 65600, u64(now))
		            assert n >= 0
		            if n:
		                moved = True
		                assert core.tcphs_core_packet_in(ends[1 - i], buf, n, u64(now)) == 1

		def said(i):
		    buf = ctypes.create_string_buffer(100)
		    n = core.tcphs_core_read(ends[i], buf, 100, u64(now))
		    return buf.raw[:n]

		assert core.tcphs_core_listen(ends[1], u64(now)) == 0
		assert core.tcphs_core_connect(ends[0], u64(now)) == 0
		carry()
		assert [core.tcphs_core_state(e) for e in ends] == [b"ESTABLISHED"] * 2
		assert core.tcphs_core_write(ends[0], b"hello", 5, u64(now)) == 5
		carry()
		assert said(1) == b"hello"
		assert core.tcphs_core_close(ends[0], u64(now)) == 0
		carry()
		assert [core.tcphs_core_state(e) for e in ends] == [b"FIN-WAIT-2", b"CLOSE-WAIT"]
		assert core.tcphs_core_is_at_end(ends[1]) == 1
		assert core.tcphs_core_close(ends[1], u64(now)) == 0
		carry()
		assert [core.tcphs_core_state(e) for e in ends] == [b"TIME-WAIT", b"CLOSED"]
		now = core.tcphs_core_due_ns(ends[0])
		core.tcphs_core_timer(ends[0], u64(now))
		assert [core.tcphs_core_state(e) for e in ends] == [b"CLOSED"] * 2
		assert [core.tcphs_core_end(e) for e in ends] == [b"graceful"] * 2
		for e in ends:
		    core.tcphs_core_free(e)
	PY
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "it shows its own names alone, and says in the header what each does" {
	names=$(nm -D --defined-only build/lib/libtcphs-core.so | awk '{ print $3 }' | sort)
	[[ $names == tcphs_core_* ]]
	run grep -v '^tcphs_core_' <<<"$names"
	[ "$status" -eq 1 ]
	for name in $names; do
		grep -q "$name(" tcphs/core/tcphs_core.h
	done
}
