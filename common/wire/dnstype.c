/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dnstype.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "base/text.h"

/* By number. The letters are those of enum dns_piece. */
static const struct dns_type_row types[] = {
	{1, "A", "a"},
	{2, "NS", "n"},
	{3, "MD", "n"},
	{4, "MF", "n"},
	{5, "CNAME", "n"},
	{6, "SOA", "nn44444"},
	{7, "MB", "n"},
	{8, "MG", "n"},
	{9, "MR", "n"},
	{10, "NULL", NULL},
	{11, "WKS", "W"},
	{12, "PTR", "n"},
	{13, "HINFO", "ss"},
	{14, "MINFO", "nn"},
	{15, "MX", "2n"},
	{16, "TXT", "S"},
	{17, "RP", "nn"},
	{18, "AFSDB", "2n"},
	{19, "X25", "s"},
	{20, "ISDN", "S"},
	{21, "RT", "2n"},
	{22, "NSAP", "z"},
	{23, "NSAP-PTR", "N"},
	{24, "SIG", "y114TT2nB"},
	{25, "KEY", "211B"},
	{26, "PX", "2nn"},
	{27, "GPOS", "sss"},
	{28, "AAAA", "q"},
	{29, "LOC", "L"},
	{30, "NXT", "nx"},
	{31, "EID", "h"},
	{32, "NIMLOC", "h"},
	{33, "SRV", "222n"},
	{34, "ATMA", "m"},
	{35, "NAPTR", "22sssn"},
	{36, "KX", "2N"},
	{37, "CERT", "c2kB"},
	{38, "A6", "7"},
	{39, "DNAME", "N"},
	{40, "SINK", "111B"},
	{41, "OPT", NULL},
	{42, "APL", "P"},
	{43, "DS", "211h"},
	{44, "SSHFP", "11h"},
	{45, "IPSECKEY", "G"},
	{46, "RRSIG", "y114TT2NB"},
	{47, "NSEC", "Nb"},
	{48, "DNSKEY", "211B"},
	{49, "DHCID", "B"},
	{50, "NSEC3", "112-3b"},
	{51, "NSEC3PARAM", "112-"},
	{52, "TLSA", "111h"},
	{53, "SMIMEA", "111h"},
	{55, "HIP", "H"},
	{56, "NINFO", "S"},
	{57, "RKEY", "211B"},
	{58, "TALINK", "NN"},
	{59, "CDS", "211h"},
	{60, "CDNSKEY", "211B"},
	{61, "OPENPGPKEY", "B"},
	{62, "CSYNC", "42b"},
	{63, "ZONEMD", "411h"},
	{64, "SVCB", "2NV"},
	{65, "HTTPS", "2NV"},
	{66, "DSYNC", "yd2N"},
	{67, "HHIT", "B"},
	{68, "BRID", "B"},
	{99, "SPF", "S"},
	{100, "UINFO", "S"},
	{101, "UID", "4"},
	{102, "GID", "4"},
	{103, "UNSPEC", "B"},
	{104, "NID", "2g"},
	{105, "L32", "2a"},
	{106, "L64", "2g"},
	{107, "LP", "2N"},
	{108, "EUI48", "E"},
	{109, "EUI64", "E"},
	{128, "NXNAME", NULL},
	{249, "TKEY", "NTT2roo"},
	{250, "TSIG", "N62o2ro"},
	{251, "IXFR", NULL},
	{252, "AXFR", NULL},
	{253, "MAILB", NULL},
	{254, "MAILA", NULL},
	{255, "ANY", NULL},
	{256, "URI", "22v"},
	{257, "CAA", "1tv"},
	{258, "AVC", "S"},
	{259, "DOA", "441se"},
	{260, "AMTRELAY", "R"},
	{261, "RESINFO", "S"},
	{262, "WALLET", "S"},
	{263, "CLA", "S"},
	{264, "IPN", "8"},
	{32768, "TA", "211h"},
	{32769, "DLV", "211h"},
};

static const struct dns_word classes[] = {
	{1, "IN"},    {3, "CH"},    {4, "HS"},     {254, "NONE"},
	{255, "ANY"}, {3, "CHAOS"}, {4, "HESIOD"}, {0, NULL},
};

static const struct dns_word opcodes[] = {
	{0, "QUERY"},  {1, "IQUERY"}, {2, "STATUS"}, {4, "NOTIFY"},
	{5, "UPDATE"}, {6, "DSO"},    {0, NULL},
};

static const struct dns_word rcodes[] = {
	{0, "NOERROR"},  {1, "FORMERR"},    {2, "SERVFAIL"}, {3, "NXDOMAIN"},  {4, "NOTIMP"},
	{5, "REFUSED"},  {6, "YXDOMAIN"},   {7, "YXRRSET"},  {8, "NXRRSET"},   {9, "NOTAUTH"},
	{10, "NOTZONE"}, {11, "DSOTYPENI"}, {16, "BADVERS"}, {17, "BADKEY"},   {18, "BADTIME"},
	{19, "BADMODE"}, {20, "BADNAME"},   {21, "BADALG"},  {22, "BADTRUNC"}, {23, "BADCOOKIE"},
	{16, "BADSIG"},  {0, NULL},
};

static const struct dns_word algorithms[] = {
	{1, "RSAMD5"},
	{2, "DH"},
	{3, "DSA"},
	{5, "RSASHA1"},
	{6, "NSEC3DSA"},
	{7, "NSEC3RSASHA1"},
	{8, "RSASHA256"},
	{10, "RSASHA512"},
	{12, "ECCGOST"},
	{13, "ECDSAP256SHA256"},
	{14, "ECDSAP384SHA384"},
	{15, "ED25519"},
	{16, "ED448"},
	{252, "INDIRECT"},
	{253, "PRIVATEDNS"},
	{254, "PRIVATEOID"},
	{0, NULL},
};

static const struct dns_word errors[] = {
	{0, "Other"},
	{1, "Unsupported DNSKEY Algorithm"},
	{2, "Unsupported DS Digest Type"},
	{3, "Stale Answer"},
	{4, "Forged Answer"},
	{5, "DNSSEC Indeterminate"},
	{6, "DNSSEC Bogus"},
	{7, "Signature Expired"},
	{8, "Signature Not Yet Valid"},
	{9, "DNSKEY Missing"},
	{10, "RRSIGs Missing"},
	{11, "No Zone Key Bit Set"},
	{12, "NSEC Missing"},
	{13, "Cached Error"},
	{14, "Not Ready"},
	{15, "Blocked"},
	{16, "Censored"},
	{17, "Filtered"},
	{18, "Prohibited"},
	{19, "Stale NXDOMAIN Answer"},
	{20, "Not Authoritative"},
	{21, "Not Supported"},
	{22, "No Reachable Authority"},
	{23, "Network Error"},
	{24, "Invalid Data"},
	{25, "Signature Expired before Valid"},
	{26, "Too Early"},
	{27, "Unsupported NSEC3 Iterations Value"},
	{28, "Unable to conform to policy"},
	{29, "Synthesized"},
	{30, "Invalid Query Type"},
	{0, NULL},
};

/* The names that the types' own standards give, in lower case. */
static const struct dns_word fields[] = {
	{1, "address"},
	{2, "nsdname"},
	{5, "cname"},
	{6, "mname rname serial refresh retry expire minimum"},
	{12, "ptrdname"},
	{13, "cpu os"},
	{15, "preference exchange"},
	{16, "text"},
	{17, "mbox txt"},
	{28, "address"},
	{33, "priority weight port target"},
	{35, "order preference flags services regexp replacement"},
	{36, "preference exchanger"},
	{37, "type key_tag algorithm certificate"},
	{39, "target"},
	{43, "key_tag algorithm digest_type digest"},
	{44, "algorithm type fingerprint"},
	{46,
	 "type_covered algorithm labels original_ttl expiration inception key_tag signer signature"},
	{47, "next types"},
	{48, "flags protocol algorithm public_key"},
	{50, "algorithm flags iterations salt next types"},
	{51, "algorithm flags iterations salt"},
	{52, "usage selector matching_type data"},
	{53, "usage selector matching_type data"},
	{59, "key_tag algorithm digest_type digest"},
	{60, "flags protocol algorithm public_key"},
	{61, "public_key"},
	{62, "serial flags types"},
	{63, "serial scheme algorithm digest"},
	{64, "priority target params"},
	{65, "priority target params"},
	{99, "text"},
	{256, "priority weight target"},
	{257, "flags tag value"},
	{0, NULL},
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

static int compare_type(const void *key, const void *row)
{
	return *(const uint16_t *)key - ((const struct dns_type_row *)row)->type;
}

const struct dns_type_row *dns_type_row(uint16_t type)
{
	/* The first rows are what nearly every record is. */
	if (type >= 1 && type <= 53)
		return &types[type - 1];
	return bsearch(&type, types, N_TYPES, sizeof(types[0]), compare_type);
}

const char *dns_word_text(const struct dns_word *words, unsigned number)
{
	for (; words->name; words++)
		if (words->number == number)
			return words->name;
	return NULL;
}

int dns_word_parse(const struct dns_word *words, const char *name, unsigned *out)
{
	for (; words->name; words++) {
		if (strcasecmp(words->name, name) == 0) {
			*out = words->number;
			return 0;
		}
	}
	return E_NOENT;
}

/* The word for @number, or @prefix and the number. */
static const char *word_or_number(const char *word, const char *prefix, unsigned number, char *out)
{
	struct text t = text_make(out, DNS_WORD_MAX);

	text_add(&t, word ? word : prefix);
	if (!word)
		text_add_u64(&t, number, 1);
	return out;
}

/* A number behind @prefix, or alone. */
static int number_of(const char *word, const char *prefix, uint64_t max, unsigned *out)
{
	size_t n = strlen(prefix);
	uint64_t v;

	if (strncasecmp(word, prefix, n) == 0)
		word += n;
	if (word[0] < '0' || word[0] > '9' || num_u64(word, 0, max, &v, NULL) < 0)
		return E_NOENT;
	*out = (unsigned)v;
	return 0;
}

const char *dns_type_text(uint16_t type, char *out)
{
	const struct dns_type_row *row = dns_type_row(type);

	return word_or_number(row ? row->name : NULL, "TYPE", type, out);
}

const char *dns_class_text(uint16_t class, char *out)
{
	return word_or_number(dns_word_text(classes, class), "CLASS", class, out);
}

const char *dns_opcode_text(unsigned opcode, char *out)
{
	return word_or_number(dns_word_text(opcodes, opcode), "RESERVED", opcode, out);
}

const char *dns_rcode_text(unsigned rcode, char *out)
{
	return word_or_number(dns_word_text(rcodes, rcode), "RESERVED", rcode, out);
}

const char *dns_algorithm_text(unsigned algorithm, char *out)
{
	return word_or_number(dns_word_text(algorithms, algorithm), "", algorithm, out);
}

const char *dns_type_fields(uint16_t type)
{
	return dns_word_text(fields, type);
}

int dns_type_parse(const char *word, uint16_t *out)
{
	unsigned v;

	for (size_t i = 0; i < N_TYPES; i++) {
		if (strcasecmp(types[i].name, word) == 0) {
			*out = types[i].type;
			return 0;
		}
	}
	/* A bare number could be a name to look up. */
	if (strncasecmp(word, "TYPE", 4) != 0 || number_of(word, "TYPE", 65535, &v) < 0)
		return E_NOENT;
	*out = (uint16_t)v;
	return 0;
}

int dns_class_parse(const char *word, uint16_t *out)
{
	unsigned v;

	if (dns_word_parse(classes, word, &v) < 0 &&
	    (strncasecmp(word, "CLASS", 5) != 0 || number_of(word, "CLASS", 65535, &v) < 0))
		return E_NOENT;
	*out = (uint16_t)v;
	return 0;
}

int dns_opcode_parse(const char *word, unsigned *out)
{
	return dns_word_parse(opcodes, word, out) == 0 ? 0 : number_of(word, "RESERVED", 15, out);
}

int dns_rcode_parse(const char *word, unsigned *out)
{
	return dns_word_parse(rcodes, word, out) == 0 ? 0 : number_of(word, "RESERVED", 65535, out);
}

int dns_algorithm_parse(const char *word, unsigned *out)
{
	return dns_word_parse(algorithms, word, out) == 0 ? 0 : number_of(word, "", 255, out);
}

const char *dns_error_text(unsigned code)
{
	return dns_word_text(errors, code);
}
