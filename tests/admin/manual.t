#!/bin/sh
# The table of settings, the sample file and the manual pages agree; every command and option is in weirctl(8).
. "$srcdir/tests/lib/harness.sh"
WEIRCTL=$(prog weirctl) || { echo "$WEIRCTL"; exit 0; }
need mandoc
plan 9
WEIR_CONF=/dev/null
page5=$builddir/man/weir.conf.5 page8=$srcdir/man/weirctl.8 sample=$builddir/weir.conf.sample
grep -v '^#' "$srcdir/data/settings.tsv" | grep . | cut -f 1 >"$T/keys"

lint() { mandoc -Tlint -Wwarning "$1"; }
check "weirctl(8) is sound mdoc" lint "$page8"
check "weir.conf(5) is sound mdoc" lint "$page5"
in_page() { sed -n 's/^\.It Ic \([a-z_.]*\)$/\1/p' "$page5" | diff -u "$T/keys" -; }
check "weir.conf(5) has every setting, in the table's order" in_page
page_defaults() { awk -F '\t' '!/^#/ && NF { print $1 "\t" $3 }' "$srcdir/data/settings.tsv" >"$T/want"
	awk '/^\.It Ic / { if (key) print key "\t" value; key = $3; value = "" } /^Default: / { value = substr($0, 10) } /^\.El/ { if (key) print key "\t" value; key = "" }' "$page5" | diff -u "$T/want" -; }
check "with its default" page_defaults
in_sample() { sed -n 's/^#\([a-z]*\(\.[a-z_]*\)*\) = .*/\1/p' "$sample" | diff -u "$T/keys" -; }
check "the sample has every setting" in_sample
check "the sample is what weirctl prints" sh -c "'$WEIRCTL' settings --sample | diff -u '$sample' -"
loads() { sed 's/^#\([a-z]*\(\.[a-z_]*\)* = \)/\1/' "$sample" >"$T/all.conf"; "$WEIRCTL" -c "$T/all.conf" settings >"$T/one" && "$WEIRCTL" settings | diff -u - "$T/one"; }
check "the sample can be read, and says what holds without it" loads
commands() { "$WEIRCTL" help | sed -n 's/^  \([a-z-]*\( [a-z-]*\)\?\)  .*/\1/p' >"$T/commands"; [ "$(wc -l <"$T/commands")" -gt 12 ] || return 1
	while read -r one; do grep -q "^\.It Cm $one\( \|$\)" "$page8" || { echo "no $one"; return 1; }; done <"$T/commands"; }
check "weirctl(8) has every command" commands
options() { while read -r one; do
		"$WEIRCTL" help $one | sed -n 's/^  --\([a-z-]*\).*/\1/p' | while read -r option; do
			case $option in config | json | quiet | help) grep -q "Fl -$option" "$page8" ;; *) grep "^\.It Cm $one\( \|$\)" "$page8" | grep -q "Fl -$option\( \|$\)" ;; esac ||
				{ echo "$one --$option"; exit 1; }
		done || return 1
	done <"$T/commands"; }
check "and each of their options" options
