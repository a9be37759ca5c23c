# SPDX-License-Identifier: GPL-2.0-or-later
#
# pktutils - one Makefile for the whole house; `make help` lists the targets.
# Everything generated stands under build/ (BUILD=DIR for elsewhere). VARIANT=release|asan|coverage|
# fuzz picks how it is built; release owns build/bin, each other variant its build/<variant>/bin.

VERSION := 0.1.0
TOOLS   := ping arping traceroute dhcpc dnsq tcphs rstguard phantom
LAYERS  := base wire build io engine out cli

VARIANT ?= release
BUILD   ?= build
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
LIBDIR  ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
SHAREDIR ?= $(PREFIX)/share
ZSHDIR  ?= $(SHAREDIR)/zsh/site-functions
FUZZ_RUNS ?= 100000
PROGRAM_PREFIX ?=
# static: take a library's archive where there is one, so that the tools start fast; or shared
LINK    ?= static
dnsq_LIBS = $(probed_dnsq)

# make's own defaults give way (a sub-make has none); what the user sets stays.
ifneq ($(filter default undefined,$(origin CC)),)
CC := $(if $(filter fuzz,$(VARIANT)),clang,gcc)
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif

MAKEFLAGS += -rR --no-print-directory
SHELL := /bin/sh
jobs   = $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(or $(shell nproc),1))
Q     := $(if $(V),,@)
say    = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2:$(BUILD)/%=%))
out   := $(BUILD)/$(VARIANT)
top   := $(if $(filter release,$(VARIANT)),$(BUILD),$(out))
lib   := $(out)/libpktutils.a
objs   = $(patsubst %.c,$(out)/obj/%.o,$(1))

.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := all

# --- flags: what this compiler takes and where the libraries are, asked once (tests/setup/flags.sh)

variant_release  := -O2
variant_coverage := -O0 --coverage
variant_asan     := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
variant_fuzz     := $(variant_asan) -fsanitize=fuzzer-no-link

all_cflags  = -std=gnu11 -D_GNU_SOURCE -DPKT_VERSION='"$(VERSION)"' -Icommon -I. -I$(out)/gen -g $(variant_$(VARIANT)) \
	$(probed_cflags) $(if $(filter true,$(CI)),-Werror) $(CPPFLAGS) $(CFLAGS)
all_ldflags = $(variant_$(VARIANT)) $(probed_ldflags) $(CFLAGS) $(LDFLAGS)

# These goals need no compiler: no probing for them.
unbuilt := help clean format layers dist distcheck deb check demo lab bench soak
goals   := $(or $(MAKECMDGOALS),all)

ifneq ($(filter-out $(unbuilt),$(goals)),)
# remember: file $(1) holds text $(2); it gets newer, and all that depends on it old, when the text changes.
differ   = $(subst x$(1),,x$(2))$(subst x$(2),,x$(1))
remember = $(if $(call differ,$(file <$(1)),$(strip $(2))),$(shell mkdir -p $(dir $(1)))$(file >$(1),$(strip $(2))))
$(call remember,$(out)/asked,$(CC) $(LINK))
include $(out)/flags.mk
$(call remember,$(out)/settings,$(CC) $(all_cflags) $(all_ldflags) $(probed_libs))
$(call remember,$(out)/members,$(wildcard $(LAYERS:%=common/%/*.c)))
endif

$(out)/flags.mk: tests/setup/flags.sh $(out)/asked
	$(call say,ASK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)tests/setup/flags.sh $(VARIANT) $(LINK) $(CC) >$@

# --- objects and programs

lib_objs := $(call objs,$(sort $(wildcard $(LAYERS:%=common/%/*.c))))
all_objs := $(lib_objs)

$(out)/obj/%.o: %.c $(out)/flags.mk $(out)/settings
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -MMD -MP -c -o $@ $<

# The list of system calls that the lock-down leaves, as a filter for this architecture.
$(out)/gen/io/syscall_filter: common/gen/syscall_filter.c $(out)/flags.mk $(out)/settings
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -o $@ $< $(all_ldflags) $(probed_libs)

$(out)/gen/io/syscall_filter.h: $(out)/gen/io/syscall_filter
	$(call say,GEN,$@)
	$(Q)$< >$@

$(out)/obj/common/io/priv.o: $(out)/gen/io/syscall_filter.h

$(lib): $(lib_objs) $(out)/members
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcsD $@ $(lib_objs)

# The TCP of tcphs for drivers outside the project: its objects are built again, for a shared object.
core_so  := $(top)/lib/libtcphs-core.so
core_abi := 0
core_src := $(if $(wildcard tcphs/core/*.c),$(sort $(wildcard tcphs/core/*.c common/base/*.c common/wire/*.c common/build/*.c)) \
	$(addprefix common/engine/,flow.c fsm.c spans.c tcb.c tcb_recv.c tcb_seg.c tcb_send.c tcb_table.c))
pic_objs := $(patsubst %.c,$(out)/pic/%.o,$(core_src))
all_objs += $(pic_objs)

$(out)/pic/%.o: %.c $(out)/flags.mk $(out)/settings
	$(call say,PIC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(all_cflags) -fPIC -fvisibility=hidden -MMD -MP -c -o $@ $<

$(core_so): $(pic_objs)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -shared -Wl,-soname,$(@F).$(core_abi) -o $@ $(pic_objs) $(filter-out -pie,$(all_ldflags)) -lnet -lm

# What makes allocations and sends of a program fail (LD_PRELOAD).
faulty   := $(if $(wildcard tests/soak/faulty.c),$(top)/soak/faulty.so)
all_objs += $(out)/pic/tests/soak/faulty.o

$(top)/soak/faulty.so: $(out)/pic/tests/soak/faulty.o
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -shared -o $@ $< $(filter-out -pie,$(all_ldflags))

# One static program of all tools: of each, its objects as one, with main() under another name and
# all else for itself; the library as it is, but for what cannot be loaded or has no archive.
static_bin := $(top)/static/pktutils
static_own := pktutils library $(if $(probed_mnl_archive),,mnl)
static_objs = $(static_own:%=$(out)/obj/packaging/static/%.o)
static_libs = $(filter-out -lmnl,$(probed_libs)) $(probed_mnl_archive) $(probed_dnsq)
all_objs   += $(static_objs)

$(out)/gen/tools.h: Makefile $(foreach t,$(TOOLS),$(wildcard $(t)/$(t).[18]))
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D)
	$(Q){ echo '#define TOOLS \'; for t in $(tools); do \
		sed -n "s/^\.Nd \(.*\)/TOOL($$t, \"\1\") \\\\/p" $$t/$$t.[18]; \
	done; echo; } >$@

$(out)/obj/packaging/static/pktutils.o: $(out)/gen/tools.h

# static_tool: $(1) tool
define static_tool
$(out)/static/$(1).o: $(call objs,$(sort $(wildcard $(1)/*.c)))
	$$(call say,OBJ,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -r -nostdlib -o $$@ $$^
	$$(Q)objcopy --redefine-sym main=$(1)_main --keep-global-symbol=$(1)_main $$@
endef

# program: $(1) group, $(2) path of the program, $(3) its sources, $(4) libraries of its own
define program
$(1)_programs += $(2)
all_objs += $(call objs,$(3))
$(2): $(call objs,$(3)) $(lib)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -o $$@ $(call objs,$(3)) $(lib) $$(all_ldflags) $(4) $$(probed_libs)
endef
programs = $(foreach src,$(sort $(wildcard tests/$(2)/$(3))),\
	$(eval $(call program,$(1),$(top)/$(1)/$(basename $(notdir $(src))),$(src) $(call parts,$(src)) $(4),$(5) $(call part_libs,$(src)))))
# parts: of the tool that test_TOOL_*.c or fuzz_TOOL_*.c is about, all but its main()
parts = $(foreach t,$(tools),$(if $(filter test_$(t)_% fuzz_$(t)_%,$(notdir $(1))),\
	$(filter-out $(t)/$(t).c,$(sort $(wildcard $(t)/*.c)))))

part_libs = $(foreach t,$(tools),$(if $(filter test_$(t)_% fuzz_$(t)_%,$(notdir $(1))),$($(t)_LIBS)))

tools := $(foreach t,$(TOOLS),$(if $(wildcard $(t)/*.c),$(t)))
$(foreach t,$(tools),$(eval $(call program,bin,$(top)/bin/$(t),$(sort $(wildcard $(t)/*.c)),$($(t)_LIBS))))
$(foreach d,$(wildcard tests/lab/*/),$(if $(wildcard $(d)*.c),\
	$(eval $(call program,lab,$(top)/lab/$(notdir $(d:/=)),$(sort $(wildcard $(d)*.c))))))
$(call programs,lab,lab,*.c)
$(call programs,skeleton,skeleton,*.c)
$(call programs,bench,bench,*.c)
$(call programs,unit,unit,test_*.c,,-lcmocka)
# libFuzzer brings its own main(); everywhere else replay.c feeds the corpus.
$(call programs,fuzz,fuzz,fuzz_*.c,$(if $(filter fuzz,$(VARIANT)),,tests/fuzz/replay.c),$(if $(filter fuzz,$(VARIANT)),-fsanitize=fuzzer))

$(foreach t,$(tools),$(eval $(call static_tool,$(t))))

# What ld would say: that getaddrinfo() may load modules. packaging/static/pktutils.c sees to that.
$(static_bin): $(static_objs) $(tools:%=$(out)/static/%.o) $(lib)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -static-pie -s -Wl,--no-warnings -o $@ $^ $(filter-out -pie,$(all_ldflags)) $(static_libs)

-include $(sort $(all_objs:.o=.d))

man_pages   := $(foreach t,$(tools),$(wildcard $(t)/$(t).[18]))
bench_bats  := $(wildcard tests/bench/*.bats)
bats_files  := $(filter-out $(bench_bats),$(sort $(wildcard tests/*/*.bats)))
# tests/soak/NAME.sh: bounded, leaves nothing behind, its last line is its result, its exit status the verdict.
campaigns   := $(or $(FOCUS:%=tests/soak/%.sh),$(sort $(wildcard tests/soak/*.sh)))
test_things := $(unit_programs) $(fuzz_programs) $(bats_files)

# --- building and testing

.PHONY: all static tests check check-built unit bats asan fuzz fuzz-programs fuzz-replay bench bench-built soak soak-built coverage lint format docs lessons docs-print layers demo demo-built \
	lab lab-built install uninstall dist distcheck deb help clean

all: $(bin_programs) $(lib) $(if $(core_src),$(core_so)) ## build the programs (the default)

static: $(static_bin) ## one static program of all tools, for rescue disks and containers
	@wc -c $(static_bin) | awk '{ printf "%s: %.1f MB\n", $$2, $$1 / 1e6 }'

tests: all $(static_bin) $(unit_programs) $(fuzz_programs) $(lab_programs) $(skeleton_programs) $(faulty) ## build everything that a test runs

check: ## install what the tests need, build, run every test
	$(Q)tests/setup/install.sh build test
	$(Q)$(MAKE) $(jobs) check-built

check-built: layers tests
	$(Q)tests/setup/run-tests.pl $(test_things)

unit: $(unit_programs) ## run the unit tests
	$(Q)tests/setup/run-tests.pl $(unit_programs)

bats: tests ## run the bats files (BATS="a.bats b.bats" for some)
	$(Q)tests/setup/run-tests.pl $(or $(BATS),$(bats_files))

fuzz-replay: $(fuzz_programs) ## run every fuzz target over its corpus
	$(Q)tests/setup/run-tests.pl $(fuzz_programs)

asan: ## unit tests and fuzz corpus under ASan and UBSan
	$(Q)$(MAKE) VARIANT=asan unit fuzz-replay

coverage: ## line coverage of the unit tests and the fuzz corpus
	$(Q)$(MAKE) VARIANT=coverage unit fuzz-replay
	$(Q)tests/setup/coverage.sh $(BUILD)/coverage

ifeq ($(VARIANT),fuzz)
fuzz: $(fuzz_programs)
	$(Q)set -e; for f in $^; do tests/setup/fuzz.sh $$f $(FUZZ_RUNS); done
fuzz-programs: $(fuzz_programs)
else
fuzz: ## fuzz each parser with libFuzzer, FUZZ_RUNS=100000 runs each
	$(Q)$(MAKE) VARIANT=fuzz fuzz
endif

bench: ## install the peers, build, measure the tools beside them
	$(Q)tests/setup/install.sh build peers
	$(Q)$(MAKE) $(jobs) bench-built

bench-built: all $(lab_programs) $(bench_programs)
	$(Q)set -e; for b in $(sort $(wildcard tests/bench/*.sh)); do $$b; done
	$(Q)tests/setup/run-tests.pl $(bench_bats)

soak: ## the long campaigns of tests/soak, hours of them (FOCUS=NAME for one)
	$(Q)tests/setup/install.sh build test
	$(Q)$(MAKE) $(jobs) soak-built

soak-built: tests
	$(Q)tests/setup/soak.sh $(BUILD)/soak $(campaigns)

lint: layers $(bin_programs) ## layout, static checks, man pages, options, spelling, lengths
	$(Q)tests/setup/lint.sh $(tools)

format: ## lay out the C code as lint wants it
	$(Q)clang-format -i $(wildcard */*.[ch] */*/*.[ch] */*/*/*.[ch])

docs: $(bin_programs) ## write docs/output.md from the programs' tables of fields
	$(Q)tests/setup/docs.sh $(bin_programs) >docs/output.md

lessons: all $(lab_programs) ## write into docs/lessons what their commands print
	$(Q)tests/lessons/fill.bash $(wildcard docs/lessons/[0-9]*.md)

docs-print: $(bin_programs)
	@tests/setup/docs.sh $(bin_programs)

layers: ## no file includes a floor above its own
	$(Q)tests/setup/layers.sh $(LAYERS)

# --- playing

demo: ## install what is missing, build, show the tools on a small internet
	$(Q)tests/setup/install.sh build demo
	$(Q)$(MAKE) $(jobs) demo-built

demo-built: all $(lab_programs)
	$(Q)tests/lab/demo.bash

lab: ## install what is missing, build, open a shell in the small internet: docs/lessons
	$(Q)tests/setup/install.sh build demo
	$(Q)$(MAKE) $(jobs) lab-built

lab-built: all $(lab_programs)
	$(Q)tests/lab/shell.bash

# --- installing

# What completes the options of the program $$n: a shell, and where that looks.
completions = bash:$(SHAREDIR)/bash-completion/completions/$$n zsh:$(ZSHDIR)/_$$n \
	fish:$(SHAREDIR)/fish/vendor_completions.d/$$n.fish

# Who opens packet or raw sockets; rstguard needs no privilege.
raw_tools := $(filter-out rstguard,$(tools))

# The core of tcphs, as a driver of another project links it.
core_file = "$(DESTDIR)$(LIBDIR)/libtcphs-core.so"
core_header = "$(DESTDIR)$(INCLUDEDIR)/tcphs_core.h"
core_pc = "$(DESTDIR)$(LIBDIR)/pkgconfig/libtcphs-core.pc"

define install_core
$(Q)install -D -m 644 $(core_so) $(core_file).$(core_abi)
	$(Q)ln -sf libtcphs-core.so.$(core_abi) $(core_file)
	$(Q)install -D -m 644 tcphs/core/tcphs_core.h $(core_header)
	$(Q)install -D -m 644 /dev/null $(core_pc)
	$(Q)sed 's|@VERSION@|$(VERSION)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		packaging/libtcphs-core.pc.in >$(core_pc)
endef

install: all ## PREFIX=, DESTDIR=, PROGRAM_PREFIX=; SETCAP=1 lends the tools that need it cap_net_raw
	$(Q)set -e; for t in $(tools); do \
		install -D -m 755 $(BUILD)/bin/$$t "$(DESTDIR)$(BINDIR)/$(PROGRAM_PREFIX)$$t"; \
	done
	$(if $(filter 1,$(SETCAP)),$(Q)setcap $(foreach t,$(raw_tools),cap_net_raw=p "$(DESTDIR)$(BINDIR)/$(PROGRAM_PREFIX)$(t)"))
	$(if $(core_src),$(install_core))
	$(Q)set -e; for m in $(man_pages); do \
		install -D -m 644 $$m "$(DESTDIR)$(MANDIR)/man$${m##*.}/$(PROGRAM_PREFIX)$${m##*/}"; \
	done
	$(Q)set -e; for t in $(tools); do n=$(PROGRAM_PREFIX)$$t; for c in $(completions); do \
		install -D -m 644 /dev/null "$(DESTDIR)$${c#*:}"; \
		packaging/completions.sh $${c%%:*} $(BUILD)/bin/$$t $$n >"$(DESTDIR)$${c#*:}"; \
	done; done

uninstall: ## remove what install put there
	$(Q)rm -f $(core_file) $(core_file).$(core_abi) $(core_header) $(core_pc)
	$(Q)rm -f $(foreach t,$(tools),"$(DESTDIR)$(BINDIR)/$(PROGRAM_PREFIX)$(t)")
	$(Q)set -e; for m in $(man_pages); do \
		rm -f "$(DESTDIR)$(MANDIR)/man$${m##*.}/$(PROGRAM_PREFIX)$${m##*/}"; \
	done
	$(Q)set -e; for t in $(tools); do n=$(PROGRAM_PREFIX)$$t; for c in $(completions); do \
		rm -f "$(DESTDIR)$${c#*:}"; \
	done; done

dist: ## build/pktutils-VERSION.tar.gz, the same octets from the same tree
	$(Q)tests/setup/dist.sh $(BUILD) pktutils-$(VERSION)

distcheck: dist ## the tarball builds, reproducibly, installs and uninstalls
	$(Q)packaging/distcheck.sh $(abspath $(BUILD))/distcheck $(BUILD)/pktutils-$(VERSION).tar.gz

deb: ## Debian's package, in build/deb; lintian judges it
	$(Q)tests/setup/install.sh build package
	$(Q)$(MAKE) dist
	$(Q)packaging/deb.sh $(abspath $(BUILD))/deb $(BUILD)/pktutils-$(VERSION).tar.gz

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

clean: ## remove build/
	$(Q)rm -rf $(BUILD)
