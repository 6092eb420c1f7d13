# fcgi/meta: sources, programs and data of this room.
