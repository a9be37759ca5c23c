/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext.h"

#include <string.h>

#include "base/bytes.h"
#include "base/num.h"
#include "wire/csum.h"

#define EXT_HDR_LEN 4
#define OBJ_HDR_LEN 4
#define NAME_MAX_LEN 63 /* RFC 5837 4.3 */

/* A writer behind what @n's extension holds so far, its header included. */
static struct wr ext_writer(struct node *n)
{
	struct wr w = wr_make(n->ext, sizeof(n->ext));

	wr_zero(&w, EXT_HDR_LEN);
	w.len = n->ext_len ? n->ext_len : EXT_HDR_LEN;
	return w;
}

static int add_object(struct node *n, uint8_t class, uint8_t ctype, const struct wr *body,
		      struct why *why)
{
	struct wr w = ext_writer(n);

	if (n->ext_fault == EXT_RAW)
		return why_set(why, E_BAD, "no ext=raw beside it: raw is the whole extension");
	wr_u16(&w, (uint16_t)(OBJ_HDR_LEN + body->len));
	wr_u8(&w, class);
	wr_u8(&w, ctype);
	wr_bytes(&w, body->buf, body->len);
	if (wr_done(body) < 0 || wr_done(&w) < 0)
		return why_set(why, E_FULL, "fewer objects: an extension holds %d octets", EXT_MAX);
	n->ext_len = w.len;
	return 0;
}

int ext_add_mpls(struct node *n, char *value, struct why *why)
{
	static const uint64_t most[4] = {0xfffff, 7, 1, 255};
	uint8_t buf[EXT_MAX];
	struct wr w = wr_make(buf, sizeof(buf));

	for (char *entry; (entry = strsep(&value, "/"));) {
		uint64_t v[4];

		for (int i = 0; i < 4; i++) {
			char *part = strsep(&entry, ",");

			if (!part || num_u64(part, 0, most[i], &v[i], NULL) < 0)
				return why_set(why, E_BAD,
					       "LABEL,TC,S,TTL such as 16001,3,1,1, "
					       "further entries of the stack after a '/'");
		}
		if (entry)
			return why_set(why, E_BAD, "four numbers an entry: LABEL,TC,S,TTL");
		wr_u32(&w, (uint32_t)(v[0] << 12 | v[1] << 9 | v[2] << 8 | v[3]));
	}
	return add_object(n, 1, 1, &w, why);
}

static int put_name(struct wr *w, const char *name, struct why *why)
{
	size_t len = strlen(name), padded = (1 + len + 3) & ~(size_t)3;

	if (len > NAME_MAX_LEN)
		return why_set(why, E_RANGE, "an interface name of at most %d octets",
			       NAME_MAX_LEN);
	wr_u8(w, (uint8_t)padded);
	wr_bytes(w, name, len);
	wr_zero(w, padded - 1 - len);
	return 0;
}

static int put_addr(struct wr *w, const char *text, struct why *why)
{
	struct addr a;

	if (addr_parse(text, &a) < 0)
		return why_set(why, E_BAD, "an address behind the interface's name");
	wr_u16(w, addr_is_v6(&a) ? 2 : 1);
	wr_u16(w, 0);
	wr_bytes(w, a.bytes, a.len);
	return 0;
}

static int find_role(const char *text, uint8_t *out)
{
	static const char *const roles[] = {"in", "sub", "out", "next"};

	for (uint8_t i = 0; i < 4; i++)
		if (strcmp(text, roles[i]) == 0) {
			*out = i;
			return 0;
		}
	return E_BAD;
}

int ext_add_ifinfo(struct node *n, char *value, struct why *why)
{
	enum { NAME, ADDR, MTU, INDEX, ROLE, N_PARTS };
	const char *part[N_PARTS] = {"", "", "", "", ""};
	uint8_t buf[EXT_MAX], ctype = 0, role = 0;
	struct wr w = wr_make(buf, sizeof(buf));
	uint64_t index = 0, mtu = 0;
	int err = 0;

	for (int i = 0; value && i < N_PARTS; i++)
		part[i] = strsep(&value, ",");
	if (value || (*part[ROLE] && find_role(part[ROLE], &role) < 0) ||
	    (*part[INDEX] && num_u64(part[INDEX], 0, UINT32_MAX, &index, NULL) < 0) ||
	    (*part[MTU] && num_u64(part[MTU], 0, UINT32_MAX, &mtu, NULL) < 0))
		return why_set(why, E_BAD,
			       "NAME,ADDR,MTU,INDEX,ROLE such as xe-0/0/1,192.0.2.1,9000,7,in "
			       "(in, sub, out or next); each may be left out");
	/* RFC 5837 4.1: the order on the wire is that of the bits, highest first. */
	if (*part[INDEX]) {
		ctype |= 8;
		wr_u32(&w, (uint32_t)index);
	}
	if (*part[ADDR]) {
		ctype |= 4;
		err = put_addr(&w, part[ADDR], why);
	}
	if (!err && *part[NAME]) {
		ctype |= 2;
		err = put_name(&w, part[NAME], why);
	}
	if (*part[MTU]) {
		ctype |= 1;
		wr_u32(&w, (uint32_t)mtu);
	}
	return err ? err : add_object(n, 2, (uint8_t)(role << 6 | ctype), &w, why);
}

static int set_raw(struct node *n, const char *hex, struct why *why)
{
	size_t len = strlen(hex) / 2;

	if (!len || strlen(hex) % 2 || len > EXT_MAX ||
	    strspn(hex, "0123456789abcdefABCDEF") != len * 2)
		return why_set(why, E_BAD,
			       "raw: and an even number of hex digits, at most %d octets", EXT_MAX);
	for (size_t i = 0; i < len; i++) {
		char octet[] = {'0', 'x', hex[i * 2], hex[i * 2 + 1], '\0'};
		uint64_t v = 0;

		if (num_u64(octet, 0, 255, &v, why) < 0)
			return E_BAD;
		n->ext[i] = (uint8_t)v;
	}
	n->ext_len = len;
	n->ext_fault = EXT_RAW;
	return 0;
}

int ext_set(struct node *n, char *value, struct why *why)
{
	static const struct {
		const char *word;
		enum ext_fault fault;
	} faults[] = {
		{"badcsum", EXT_BAD_CSUM},
		{"badlen", EXT_BAD_LEN},
		{"badversion", EXT_BAD_VERSION},
		{"nolen", EXT_NO_LEN},
	};

	if (n->ext_fault)
		return why_set(why, E_BAD, "one ext= a node");
	if (strncmp(value, "raw:", 4) == 0) {
		if (n->ext_len)
			return why_set(why, E_BAD,
				       "no mpls= or ifinfo= beside it: raw is the whole extension");
		return set_raw(n, value + 4, why);
	}
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(value, faults[i].word) == 0) {
			n->ext_fault = faults[i].fault;
			return 0;
		}
	return why_set(why, E_BAD, "badcsum, badlen, badversion, nolen or raw:HEX");
}

int ext_finish(struct node *n, struct why *why)
{
	if (n->ext_fault == EXT_RAW)
		return 0;
	if (!n->ext_len)
		return n->ext_fault ?
			       why_set(why, E_BAD,
				       "ext= breaks an extension: give mpls= or ifinfo= too") :
			       0;
	n->ext[0] = n->ext_fault == EXT_BAD_VERSION ? 0x10 : 0x20;
	if (n->ext_fault == EXT_BAD_LEN)
		put_u16(n->ext + EXT_HDR_LEN, 0xfff0);
	put_u16(n->ext + 2, csum_ip(n->ext, n->ext_len));
	if (n->ext_fault == EXT_BAD_CSUM)
		n->ext[2] ^= 0x55;
	return 0;
}
