# fcgi/link: sources, programs and data of this room.
