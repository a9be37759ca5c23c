/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fold - lines no wider than a terminal.
 *
 * Layer: out.
 */
#ifndef PKT_OUT_FOLD_H
#define PKT_OUT_FOLD_H

#include <stdio.h>

/*
 * fold_print() - writes @text, which begins at column @at, and a newline; what would go beyond
 * column @width goes on in lines of its own, @indent columns in. No word is cut. @width: 0 for one
 * line.
 */
void fold_print(FILE *to, int at, int indent, int width, const char *text);

#endif
