/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay - main() of a fuzz target where libFuzzer is not: feeds it its corpus, as TAP.
 *
 * The corpus of build/fuzz/fuzz_NAME is tests/fuzz/corpus/NAME. Each file is replayed whole and
 * cut at every length, from a block of exactly that size so that ASan sees a read past the end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASE_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void replay_exactly(const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
}

static int replay_file(const char *dir, const char *name)
{
	static uint8_t data[CASE_MAX];
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f)
		return -1;
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	/*
	 * Long cases are cut at 2048 places only: every place would cost the square of the length.
	 */
	for (size_t cut = 0; cut < len; cut += 1 + len / 2048)
		replay_exactly(data, cut);
	replay_exactly(data, len);
	return 0;
}

static int is_case(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	struct dirent **cases;
	char dir[256];
	int n, bad = 0;

	(void)argc;
	name = name ? name + 1 : argv[0];
	if (strncmp(name, "fuzz_", 5) == 0)
		name += 5;
	snprintf(dir, sizeof(dir), "tests/fuzz/corpus/%s", name);
	n = scandir(dir, &cases, is_case, alphasort);
	if (n < 1) {
		printf("1..1\nnot ok 1 - %s has no case\n", dir);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		int err = replay_file(dir, cases[i]->d_name);

		printf("%sok %d - %s\n", err ? "not " : "", i + 1, cases[i]->d_name);
		bad |= err;
		free(cases[i]);
	}
	free(cases);
	return bad ? 1 : 0;
}
