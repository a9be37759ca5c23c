/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "out/fold.h"

#include <string.h>

void fold_print(FILE *to, int at, int indent, int width, const char *text)
{
	for (;;) {
		int n = (int)strlen(text), room = width ? width - at : n;

		if (n > room) {
			for (n = room > 0 ? room : 0; n > 0 && text[n] != ' ';)
				n--;
			if (!n && at == indent) /* a word longer than the line */
				n = (int)strcspn(text, " ");
		}
		fprintf(to, "%.*s\n", n, text);
		text += n;
		text += strspn(text, " ");
		if (!*text)
			return;
		at = indent;
		fprintf(to, "%*s", at, "");
	}
}
