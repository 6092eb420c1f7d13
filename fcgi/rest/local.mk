# fcgi/rest: sources, programs and data of this room.
