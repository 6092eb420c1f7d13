# fcgi: sources, programs and data of this room.
