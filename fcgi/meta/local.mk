# fcgi/meta: what an account is, over libpq; shared by weir-api and weirctl.
noinst_LIBRARIES += libweir_meta.a
libweir_meta_a_SOURCES =
libweir_meta_a_SOURCES += fcgi/meta/maps.c fcgi/meta/maps.h
WEIR_META_LIBS = libweir_meta.a $(WEIR_LINK_LIBS)
