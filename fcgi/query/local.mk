# fcgi/query: sources, programs and data of this room.
