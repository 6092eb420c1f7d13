#ifndef WEIR_META_SLUG_H
#define WEIR_META_SLUG_H
#include "base/arena.h"
#include "base/err.h"
/*
 * Ids made of names (spec/trpc-metadata.md 4.0 "slug"): characters are spelled
 * out by data/slug.tsv (from npm slugify, MIT), what is left but letters,
 * digits and blanks is dropped, blanks become dashes, capitals small letters.
 * The result may be empty.
 */
WEIR_MUSTCHECK weir_err weir_slug(weir_arena *mem, weir_text name, weir_text *slug);
#endif
