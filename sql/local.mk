# sql: sources, programs and data of this room.
