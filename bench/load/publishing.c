/* Measures deliveries of published events: so many in flight, or at an offered rate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define REACHED 65536 /* a power of two above every number in flight */
#define SILENCE_NS 10000000000u

struct target {
    char *subject;
    struct template *payload;
    uint64_t seq;
};

static struct target *targets;
static int targets_count;
static char *payload_room;
static uint64_t published, complete;
static uint32_t reached[REACHED];
static bool to_all;

/* A line of the file: subject, the seq it stands at, and the payload with its places; separated by tabs. */
static void read_targets(const char *path) {
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0, most = 0;
    if (!file) fail("%s cannot be read", path);
    targets_count = 0;
    targets = realloc(targets, 65536 * sizeof *targets);
    while (getline(&line, &room, file) > 0 && targets_count < 65536) {
        char *rest = line, *subject, *seq;
        line[strcspn(line, "\n")] = 0;
        subject = strsep(&rest, "\t");
        seq = strsep(&rest, "\t");
        struct target *target = &targets[targets_count++];
        *target = (struct target){strdup(subject), template_new(rest), strtoull(seq, NULL, 10)};
        if (template_room(target->payload) > most) most = template_room(target->payload);
    }
    fclose(file);
    free(line);
    payload_room = realloc(payload_room, most);
}

static void publish_one(uint64_t stamp) {
    struct target *target = &targets[targets_count == 1 ? 0 : random_bits() % (uint64_t)targets_count];
    size_t size = template_fill(target->payload, ++target->seq, stamp, payload_room);
    publish(target->subject, payload_room, size);
    published++;
}

static void note(struct client *client, uint64_t stamp, uint64_t at) {
    if (stamp) histogram_add(&latencies, at > stamp ? at - stamp : 0);
    if (!to_all) {
        complete++;
        return;
    }
    uint32_t *count = &reached[(client->marked - 1) & (REACHED - 1)];
    if (++*count < (uint32_t)clients_open) return;
    *count = 0;
    complete++;
}

static void begin(void) {
    published = complete = frames_seen = bytes_seen = marked_seen = 0;
    memset(reached, 0, sizeof reached);
    histogram_clear(&latencies);
    for (int i = 0; i < clients_count; i++) clients[i].marked = 0;
    on_marked = note;
}

/* As many as are due by now; each carries the time at which it was due, so a late publisher counts as late. */
static uint64_t publish_due(uint64_t began, double rate, uint64_t now, uint64_t end) {
    for (;;) {
        uint64_t due = began + (uint64_t)((double)published * 1e9 / rate);
        if (due > now || due >= end || publisher_waiting() > 8u << 20) return due;
        publish_one(due);
    }
}

/* publish: window=N or rate=R a second, seconds, targets=FILE (kept if not given), to=all|one listener of each. */
void measure_publishing(const struct command *command) {
    if (text_of(command, "targets", NULL)) read_targets(text_of(command, "targets", ""));
    uint64_t window = (uint64_t)number_of(command, "window", 1);
    double rate = number_of(command, "rate", 0);
    to_all = strcmp(text_of(command, "to", "all"), "one") != 0;
    begin();
    uint64_t cpu = loop_cpu_ns(), began = now_ns(), heard = began, before = 0;
    uint64_t end = began + (uint64_t)(number_of(command, "seconds", 5) * 1e9);
    uint64_t share = to_all ? (uint64_t)clients_open : 1;
    bool stalled = false;
    for (;;) {
        uint64_t now = now_ns();
        if (marked_seen != before) heard = now;
        before = marked_seen;
        stalled = now - heard > SILENCE_NS;
        if (stalled || (now >= end && marked_seen >= published * share)) break;
        if (now < end && rate > 0) loop_wake_at(publish_due(began, rate, now, end));
        while (now < end && rate <= 0 && published - complete < window) publish_one(now_ns());
        publisher_flush();
        loop_turn_awake(now < end && rate <= 0 ? 100 : 1);
        share = to_all ? (uint64_t)clients_open : 1;
    }
    report_round(began, cpu, published, stalled);
    on_marked = NULL;
}
