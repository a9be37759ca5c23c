/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/dhcp_option.h"

#include <ctype.h>
#include <string.h>

#include "base/num.h"
#include "wire/dhcp.h"

#define NAME_MAX_OCTETS 255 /* RFC 1035 2.3.4 */
#define LABELS_MAX 127u     /* in a name of that length */

/* In the order of the codes, so that a code is found by halving. */
static const struct dhcp_option options[] = {
	{1, DHCP_KIND_ADDR, "subnet-mask", "RFC 2132 3.3"},
	{2, DHCP_KIND_S32, "time-offset", "RFC 2132 3.4"},
	{3, DHCP_KIND_ADDRS, "routers", "RFC 2132 3.5"},
	{4, DHCP_KIND_ADDRS, "time-servers", "RFC 2132 3.6"},
	{5, DHCP_KIND_ADDRS, "ien116-name-servers", "RFC 2132 3.7"},
	{6, DHCP_KIND_ADDRS, "domain-name-servers", "RFC 2132 3.8"},
	{7, DHCP_KIND_ADDRS, "log-servers", "RFC 2132 3.9"},
	{8, DHCP_KIND_ADDRS, "cookie-servers", "RFC 2132 3.10"},
	{9, DHCP_KIND_ADDRS, "lpr-servers", "RFC 2132 3.11"},
	{10, DHCP_KIND_ADDRS, "impress-servers", "RFC 2132 3.12"},
	{11, DHCP_KIND_ADDRS, "resource-location-servers", "RFC 2132 3.13"},
	{12, DHCP_KIND_TEXT, "host-name", "RFC 2132 3.14"},
	{13, DHCP_KIND_U16, "boot-size", "RFC 2132 3.15"},
	{14, DHCP_KIND_TEXT, "merit-dump", "RFC 2132 3.16"},
	{15, DHCP_KIND_TEXT, "domain-name", "RFC 2132 3.17"},
	{16, DHCP_KIND_ADDR, "swap-server", "RFC 2132 3.18"},
	{17, DHCP_KIND_TEXT, "root-path", "RFC 2132 3.19"},
	{18, DHCP_KIND_TEXT, "extensions-path", "RFC 2132 3.20"},
	{19, DHCP_KIND_BOOL, "ip-forwarding", "RFC 2132 4.1"},
	{20, DHCP_KIND_BOOL, "non-local-source-routing", "RFC 2132 4.2"},
	{21, DHCP_KIND_PAIRS, "policy-filter", "RFC 2132 4.3"},
	{22, DHCP_KIND_U16, "max-dgram-reassembly", "RFC 2132 4.4"},
	{23, DHCP_KIND_U8, "default-ip-ttl", "RFC 2132 4.5"},
	{24, DHCP_KIND_SECONDS, "path-mtu-aging-timeout", "RFC 2132 4.6"},
	{25, DHCP_KIND_U16S, "path-mtu-plateau-table", "RFC 2132 4.7"},
	{26, DHCP_KIND_U16, "interface-mtu", "RFC 2132 5.1"},
	{27, DHCP_KIND_BOOL, "all-subnets-local", "RFC 2132 5.2"},
	{28, DHCP_KIND_ADDR, "broadcast-address", "RFC 2132 5.3"},
	{29, DHCP_KIND_BOOL, "perform-mask-discovery", "RFC 2132 5.4"},
	{30, DHCP_KIND_BOOL, "mask-supplier", "RFC 2132 5.5"},
	{31, DHCP_KIND_BOOL, "router-discovery", "RFC 2132 5.6"},
	{32, DHCP_KIND_ADDR, "router-solicitation-address", "RFC 2132 5.7"},
	{33, DHCP_KIND_PAIRS, "static-routes", "RFC 2132 5.8"},
	{34, DHCP_KIND_BOOL, "trailer-encapsulation", "RFC 2132 6.1"},
	{35, DHCP_KIND_SECONDS, "arp-cache-timeout", "RFC 2132 6.2"},
	{36, DHCP_KIND_BOOL, "ieee802-3-encapsulation", "RFC 2132 6.3"},
	{37, DHCP_KIND_U8, "default-tcp-ttl", "RFC 2132 7.1"},
	{38, DHCP_KIND_SECONDS, "tcp-keepalive-interval", "RFC 2132 7.2"},
	{39, DHCP_KIND_BOOL, "tcp-keepalive-garbage", "RFC 2132 7.3"},
	{40, DHCP_KIND_TEXT, "nis-domain", "RFC 2132 8.1"},
	{41, DHCP_KIND_ADDRS, "nis-servers", "RFC 2132 8.2"},
	{42, DHCP_KIND_ADDRS, "ntp-servers", "RFC 2132 8.3"},
	{43, DHCP_KIND_HEX, "vendor-encapsulated-options", "RFC 2132 8.4"},
	{44, DHCP_KIND_ADDRS, "netbios-name-servers", "RFC 2132 8.5"},
	{45, DHCP_KIND_ADDRS, "netbios-dd-servers", "RFC 2132 8.6"},
	{46, DHCP_KIND_U8, "netbios-node-type", "RFC 2132 8.7"},
	{47, DHCP_KIND_TEXT, "netbios-scope", "RFC 2132 8.8"},
	{48, DHCP_KIND_ADDRS, "font-servers", "RFC 2132 8.9"},
	{49, DHCP_KIND_ADDRS, "x-display-managers", "RFC 2132 8.10"},
	{50, DHCP_KIND_ADDR, "requested-address", "RFC 2132 9.1"},
	{51, DHCP_KIND_SECONDS, "lease-time", "RFC 2132 9.2"},
	{52, DHCP_KIND_U8, "option-overload", "RFC 2132 9.3"},
	{53, DHCP_KIND_TYPE, "message-type", "RFC 2132 9.6"},
	{54, DHCP_KIND_ADDR, "server-identifier", "RFC 2132 9.7"},
	{55, DHCP_KIND_CODES, "parameter-request-list", "RFC 2132 9.8"},
	{56, DHCP_KIND_TEXT, "message", "RFC 2132 9.9"},
	{57, DHCP_KIND_U16, "max-message-size", "RFC 2132 9.10"},
	{58, DHCP_KIND_SECONDS, "renewal-time", "RFC 2132 9.11"},
	{59, DHCP_KIND_SECONDS, "rebinding-time", "RFC 2132 9.12"},
	{60, DHCP_KIND_TEXT, "vendor-class-identifier", "RFC 2132 9.13"},
	{61, DHCP_KIND_ID, "client-identifier", "RFC 2132 9.14, RFC 4361"},
	{62, DHCP_KIND_TEXT, "netware-domain", "RFC 2242 2"},
	{63, DHCP_KIND_HEX, "netware-options", "RFC 2242 3"},
	{64, DHCP_KIND_TEXT, "nisplus-domain", "RFC 2132 8.11"},
	{65, DHCP_KIND_ADDRS, "nisplus-servers", "RFC 2132 8.12"},
	{66, DHCP_KIND_TEXT, "tftp-server-name", "RFC 2132 9.4"},
	{67, DHCP_KIND_TEXT, "bootfile-name", "RFC 2132 9.5"},
	{68, DHCP_KIND_ADDRS, "mobile-ip-homes", "RFC 2132 8.13"},
	{69, DHCP_KIND_ADDRS, "smtp-servers", "RFC 2132 8.14"},
	{70, DHCP_KIND_ADDRS, "pop3-servers", "RFC 2132 8.15"},
	{71, DHCP_KIND_ADDRS, "nntp-servers", "RFC 2132 8.16"},
	{72, DHCP_KIND_ADDRS, "www-servers", "RFC 2132 8.17"},
	{73, DHCP_KIND_ADDRS, "finger-servers", "RFC 2132 8.18"},
	{74, DHCP_KIND_ADDRS, "irc-servers", "RFC 2132 8.19"},
	{75, DHCP_KIND_ADDRS, "streettalk-servers", "RFC 2132 8.20"},
	{76, DHCP_KIND_ADDRS, "stda-servers", "RFC 2132 8.21"},
	{77, DHCP_KIND_CLASSES, "user-class", "RFC 3004 4"},
	{78, DHCP_KIND_HEX, "slp-directories", "RFC 2610 3"},
	{79, DHCP_KIND_HEX, "slp-service-scope", "RFC 2610 4"},
	{80, DHCP_KIND_EMPTY, "rapid-commit", "RFC 4039 4"},
	{81, DHCP_KIND_FQDN, "client-fqdn", "RFC 4702 2"},
	{82, DHCP_KIND_RELAY, "relay-information", "RFC 3046 2"},
	{83, DHCP_KIND_HEX, "isns", "RFC 4174 2"},
	{85, DHCP_KIND_ADDRS, "nds-servers", "RFC 2241 2"},
	{86, DHCP_KIND_TEXT, "nds-tree-name", "RFC 2241 3"},
	{87, DHCP_KIND_TEXT, "nds-context", "RFC 2241 4"},
	{88, DHCP_KIND_DOMAINS, "bcmcs-domains", "RFC 4280 4.1"},
	{89, DHCP_KIND_ADDRS, "bcmcs-servers", "RFC 4280 4.3"},
	{90, DHCP_KIND_HEX, "authentication", "RFC 3118 2"},
	{91, DHCP_KIND_SECONDS, "client-last-transaction-time", "RFC 4388 6.1"},
	{92, DHCP_KIND_ADDRS, "associated-addresses", "RFC 4388 6.1"},
	{93, DHCP_KIND_U16S, "client-architecture", "RFC 4578 2.1"},
	{94, DHCP_KIND_HEX, "client-network-interface", "RFC 4578 2.2"},
	{97, DHCP_KIND_HEX, "client-machine-id", "RFC 4578 2.3"},
	{98, DHCP_KIND_TEXT, "uap-servers", "RFC 2485 2"},
	{99, DHCP_KIND_HEX, "civic-address", "RFC 4776 3.1"},
	{100, DHCP_KIND_TEXT, "posix-timezone", "RFC 4833 2"},
	{101, DHCP_KIND_TEXT, "tzdb-timezone", "RFC 4833 2"},
	{108, DHCP_KIND_SECONDS, "ipv6-only-preferred", "RFC 8925 3.1"},
	{112, DHCP_KIND_ADDRS, "netinfo-servers", "IANA"},
	{113, DHCP_KIND_TEXT, "netinfo-tag", "IANA"},
	{114, DHCP_KIND_TEXT, "captive-portal", "RFC 8910 2.1"},
	{116, DHCP_KIND_U8, "auto-configure", "RFC 2563 2"},
	{117, DHCP_KIND_U16S, "name-service-search", "RFC 2937 2"},
	{118, DHCP_KIND_ADDR, "subnet-selection", "RFC 3011 2"},
	{119, DHCP_KIND_DOMAINS, "domain-search", "RFC 3397 2"},
	{120, DHCP_KIND_SIP, "sip-servers", "RFC 3361 3"},
	{121, DHCP_KIND_ROUTES, "classless-static-routes", "RFC 3442"},
	{122, DHCP_KIND_HEX, "cablelabs-configuration", "RFC 3495 4"},
	{123, DHCP_KIND_HEX, "geo-location", "RFC 6225 2"},
	{124, DHCP_KIND_HEX, "vi-vendor-class", "RFC 3925 3"},
	{125, DHCP_KIND_HEX, "vi-vendor-information", "RFC 3925 4"},
	{136, DHCP_KIND_ADDRS, "pana-servers", "RFC 5192 3"},
	{137, DHCP_KIND_DOMAINS, "lost-server", "RFC 5223 3"},
	{138, DHCP_KIND_ADDRS, "capwap-controllers", "RFC 5417 3"},
	{141, DHCP_KIND_DOMAINS, "sip-ua-domains", "RFC 6011 4.1"},
	{143, DHCP_KIND_URIS, "sztp-redirect", "RFC 8572 8.1"},
	{145, DHCP_KIND_HEX, "forcerenew-nonce-capable", "RFC 6704 3.1.1"},
	{146, DHCP_KIND_HEX, "rdnss-selection", "RFC 6731 4.3"},
	{150, DHCP_KIND_ADDRS, "tftp-servers", "RFC 5859 2"},
	{151, DHCP_KIND_HEX, "status-code", "RFC 6926 6.2.2"},
	{152, DHCP_KIND_SECONDS, "base-time", "RFC 6926 6.2.3"},
	{153, DHCP_KIND_SECONDS, "start-time-of-state", "RFC 6926 6.2.4"},
	{154, DHCP_KIND_SECONDS, "query-start-time", "RFC 6926 6.2.5"},
	{155, DHCP_KIND_SECONDS, "query-end-time", "RFC 6926 6.2.6"},
	{156, DHCP_KIND_U8, "dhcp-state", "RFC 6926 6.2.7"},
	{157, DHCP_KIND_U8, "data-source", "RFC 6926 6.2.8"},
	{158, DHCP_KIND_HEX, "pcp-servers", "RFC 7291 4"},
	{159, DHCP_KIND_HEX, "port-parameters", "RFC 7618 9"},
	{161, DHCP_KIND_TEXT, "mud-url", "RFC 8520 10"},
	{162, DHCP_KIND_DNR, "encrypted-dns", "RFC 9463 5.1"},
	{208, DHCP_KIND_HEX, "pxelinux-magic", "RFC 5071 3"},
	{209, DHCP_KIND_TEXT, "pxelinux-configfile", "RFC 5071 4"},
	{210, DHCP_KIND_TEXT, "pxelinux-pathprefix", "RFC 5071 5"},
	{211, DHCP_KIND_SECONDS, "pxelinux-reboottime", "RFC 5071 6"},
	{212, DHCP_KIND_6RD, "6rd", "RFC 5969 7.1.1"},
	{213, DHCP_KIND_DOMAINS, "access-domain", "RFC 5986 3.2"},
	{220, DHCP_KIND_HEX, "subnet-allocation", "RFC 6656 4"},
	{221, DHCP_KIND_HEX, "virtual-subnet-selection", "RFC 6607 3.1"},
	{249, DHCP_KIND_ROUTES, "ms-classless-static-routes", "RFC 3442 (Microsoft)"},
	{252, DHCP_KIND_TEXT, "wpad-url", "draft-ietf-wrec-wpad"},
};

const struct dhcp_option *dhcp_option_get(uint8_t code)
{
	size_t low = 0, high = sizeof(options) / sizeof(options[0]);

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (options[mid].code == code)
			return &options[mid];
		if (options[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

int dhcp_option_by_name(const char *name)
{
	uint64_t code;

	if (num_u64(name, 1, 254, &code, NULL) == 0)
		return (int)code;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(options[i].name, name) == 0)
			return options[i].code;
	return E_NOENT;
}

size_t dhcp_option_size(enum dhcp_kind kind)
{
	switch (kind) {
	case DHCP_KIND_BOOL:
	case DHCP_KIND_U8:
	case DHCP_KIND_TYPE: return 1;
	case DHCP_KIND_U16: return 2;
	case DHCP_KIND_S32:
	case DHCP_KIND_SECONDS:
	case DHCP_KIND_ADDR: return 4;
	default: return 0;
	}
}

bool dhcp_is_mask(const struct addr *mask, uint8_t *prefix_len)
{
	struct rd r = rd_make(mask->bytes, 4);
	uint32_t bits = rd_u32(&r), zeros = ~bits;

	*prefix_len = (uint8_t)(bits ? __builtin_popcount(bits) : 0);
	return bits && (zeros & (zeros + 1)) == 0;
}

int dhcp_route_next(struct rd *r, struct dhcp_route *out)
{
	uint8_t bytes[4] = {0};

	if (!rd_left(r))
		return r->bad ? E_BAD : 0;
	out->prefix_len = rd_u8(r);
	if (out->prefix_len > 32)
		return E_BAD;
	rd_copy(r, bytes, (out->prefix_len + 7u) / 8);
	out->prefix = addr_from(bytes, 4);
	addr_mask(&out->prefix, out->prefix_len, false);
	rd_copy(r, bytes, 4);
	out->gateway = addr_from(bytes, 4);
	return rd_done(r) < 0 ? E_BAD : 1;
}

static void add_label(struct text *out, const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (label[i] > ' ' && label[i] < 0x7f && label[i] != '.' && label[i] != '\\')
			text_addf(out, "%c", label[i]);
		else
			text_addf(out, "\\%03u", label[i]);
	}
}

int dhcp_domain_next(const uint8_t *data, size_t len, size_t *pos, struct text *out)
{
	size_t at = *pos, end = 0, lowest = *pos, octets = 1;
	unsigned hops = 0;
	bool is_first = true;

	if (at >= len)
		return 0;
	for (;;) {
		struct rd r = rd_make(data + at, len - at);
		uint8_t n = rd_u8(&r);
		const uint8_t *label;

		if (n >= 0xc0) {
			size_t to = (n & 0x3fu) << 8 | rd_u8(&r);

			if (!end)
				end = at + 2;
			*pos = r.bad ? len : end;
			/*
			 * Backwards only, and each time further: that ends every loop. More
			 * pointers than a name has labels lead nowhere, only take time.
			 */
			if (r.bad || to >= lowest || ++hops > LABELS_MAX)
				return E_BAD;
			at = lowest = to;
			continue;
		}
		label = rd_bytes(&r, n);
		octets += n + 1u;
		if (r.bad || n > 63 || octets > NAME_MAX_OCTETS + 1) {
			*pos = end ? end : len;
			return E_BAD;
		}
		at += n + 1u;
		if (!n)
			break;
		if (!is_first)
			text_add(out, ".");
		add_label(out, label, n);
		is_first = false;
	}
	*pos = end ? end : at;
	return is_first ? E_BAD : 1;
}
