# fcgi/ingest: sources, programs and data of this room.
