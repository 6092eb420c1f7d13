# A manual page: @settings@ becomes the list in the file named by LIST, @sysconfdir@ and @pkgdatadir@ the installed places.
{
	if ($0 == "@settings@") {
		while ((getline line < LIST) > 0) print line
		next
	}
	gsub(/@sysconfdir@/, SYSCONFDIR); gsub(/@pkgdatadir@/, PKGDATADIR)
	print
}
