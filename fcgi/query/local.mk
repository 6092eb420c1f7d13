# fcgi/query: what a question is, in ClickHouse's SQL.
WEIR_QUERY_LIBS = $(WEIR_LINK_LIBS)
