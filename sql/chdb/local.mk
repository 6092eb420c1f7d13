# sql/chdb: sources, programs and data of this room.
