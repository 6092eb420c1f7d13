# fcgi/trpc: sources, programs and data of this room.
