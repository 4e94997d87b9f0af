/* Text with places for a seq, a stamp (19 digits of nanoseconds) and a random UUID. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define PIECES 16

struct template {
    const char *pieces[PIECES];
    size_t sizes[PIECES];
    char places[PIECES]; /* what follows the piece: S, T, U, or 0 at the end */
    int count;
    size_t room;
};

static const struct { const char *name; char place; } PLACES[] = {{"@SEQ@", 'S'}, {"@STAMP@", 'T'}, {"@UUID@", 'U'}};

static const char *next_place(const char *text, char *place, size_t *size) {
    const char *first = NULL;
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        const char *found = strstr(text, PLACES[i].name);
        if (found && (!first || found < first)) {
            first = found;
            *place = PLACES[i].place;
            *size = strlen(PLACES[i].name);
        }
    }
    return first;
}

struct template *template_new(const char *text) {
    struct template *template = calloc(1, sizeof *template);
    text = strdup(text);
    template->room = strlen(text) + 1;
    for (;;) {
        if (template->count == PIECES) fail("too many places in a template");
        char place = 0;
        size_t size = 0;
        const char *found = next_place(text, &place, &size);
        template->pieces[template->count] = text;
        template->sizes[template->count] = found ? (size_t)(found - text) : strlen(text);
        template->places[template->count++] = place;
        template->room += 40;
        if (!found) return template;
        text = found + size;
    }
}

size_t template_room(const struct template *template) { return template->room; }

static size_t digits(char *into, uint64_t number, int least) {
    char reversed[24];
    int count = 0;
    do reversed[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count < least) reversed[count++] = '0';
    for (int i = 0; i < count; i++) into[i] = reversed[count - 1 - i];
    return (size_t)count;
}

static size_t uuid(char *into) {
    uint64_t high = random_bits(), low = random_bits();
    char text[40];
    snprintf(text, sizeof text, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16) & 0xffff,
             (unsigned)high & 0xfff, (unsigned)(low >> 48) & 0xfff, (unsigned long long)(low & 0xffffffffffff));
    memcpy(into, text, 36);
    return 36;
}

size_t template_fill(const struct template *template, uint64_t seq, uint64_t stamp, char *into) {
    char *at = into;
    for (int i = 0; i < template->count; i++) {
        memcpy(at, template->pieces[i], template->sizes[i]);
        at += template->sizes[i];
        switch (template->places[i]) {
        case 'S': at += digits(at, seq, 1); break;
        case 'T': at += digits(at, stamp, 19); break;
        case 'U': at += uuid(at); break;
        default: break;
        }
    }
    return (size_t)(at - into);
}
