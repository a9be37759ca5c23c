/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain_text - explained packets as text, one field a line.
 *
 * Layer: out.
 * A line has the offset of the field's first octet, its octets in hex (of a long run the first
 * ones, an ellipsis and the range of offsets), name, value, meaning and, in brackets, the source.
 * A line without an offset names the header that the next ones belong to; what an ICMP error
 * quotes is set in.
 */
#ifndef PKT_OUT_EXPLAIN_TEXT_H
#define PKT_OUT_EXPLAIN_TEXT_H

#include <stdio.h>

#include "wire/explain.h"

/*
 * explain_text() - writes the fields of @p to @to, whose error flag the caller looks at.
 * @width: columns of the terminal; 0 for a file or a program, for which a field is one line. Below
 * 132 the columns are narrow and show fewer octets; from 80 on a long meaning is folded.
 */
void explain_text(FILE *to, unsigned width, const struct explain_packet *p);

#endif
