# The service manager's unit, with the folders that configure was told.
unitdir = $(prefix)/lib/systemd/system
unit_DATA = contrib/systemd/crab.service
CLEANFILES = $(unit_DATA)

contrib/systemd/crab.service: contrib/systemd/crab.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@sbindir[@]|$(sbindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|' \
		$(srcdir)/contrib/systemd/crab.service.in > $@
