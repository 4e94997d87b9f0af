/* Frames of a server, unmasked, as they follow one another in the stream: counted, stamped ones timed, pings answered. */
#define _GNU_SOURCE
#include <string.h>

#include "load.h"

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

/* The mark stands at about the same place in every frame, so it is looked for there first. */
static const char *find_mark(const char *text, size_t size) {
    static size_t last;
    if (last + marks.mark_size <= size && !memcmp(text + last, marks.mark, marks.mark_size)) return text + last;
    const char *found = memmem(text, size, marks.mark, marks.mark_size);
    if (found) last = (size_t)(found - text);
    return found;
}

static uint64_t stamp_after(const char *text, const char *end) {
    uint64_t stamp = 0;
    while (text < end && *text >= '0' && *text <= '9') stamp = stamp * 10 + (uint64_t)(*text++ - '0');
    return stamp;
}

static void one_message(struct client *client, const char *text, size_t size, uint64_t at) {
    if (marks.ping && size == strlen(marks.ping) && !memcmp(text, marks.ping, size)) {
        say(client, marks.pong, strlen(marks.pong));
        return;
    }
    if (!client->ready && marks.ready && memmem(text, size, marks.ready, strlen(marks.ready))) client->ready = true;
    const char *found = find_mark(text, size);
    if (!found) return;
    marked_seen++;
    client->marked++;
    uint64_t stamp = marks.stamped ? stamp_after(found + marks.mark_size, text + size) : 0;
    if (on_marked) on_marked(client, stamp, at);
}

static void one_frame(struct client *client, int opcode, const char *payload, size_t size, uint64_t at) {
    if (opcode == PING) return pong(client, payload, size);
    if (opcode == CLOSE || opcode == PONG) return;
    frames_seen++;
    while (marks.lines) {
        const char *end = memchr(payload, '\n', size);
        if (!end) break;
        one_message(client, payload, (size_t)(end - payload), at);
        size -= (size_t)(end + 1 - payload);
        payload = end + 1;
    }
    if (size) one_message(client, payload, size, at);
}

/* Handles all whole frames in ``bytes`` and gives how many bytes those were. */
size_t scan_frames(struct client *client, const char *bytes, size_t size, uint64_t at) {
    size_t start = 0;
    while (size - start >= 2) {
        const unsigned char *head = (const unsigned char *)bytes + start;
        size_t length = head[1] & 127, begin = 2;
        if (length == 126) {
            if (size - start < 4) break;
            length = (size_t)head[2] << 8 | head[3];
            begin = 4;
        } else if (length == 127) {
            if (size - start < 10) break;
            length = 0;
            for (int i = 2; i < 10; i++) length = length << 8 | head[i];
            begin = 10;
        }
        if (size - start < begin + length) break;
        one_frame(client, head[0] & 15, bytes + start + begin, length, at);
        start += begin + length;
    }
    return start;
}
