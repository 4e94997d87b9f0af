/* Measures what clients say: each sender says the next thing when the last one was answered, or all at a given rate. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define SILENCE_NS 10000000000u

static struct template *words;
static char *words_room;
static bool partners;
static uint64_t said, window;
static int senders;
static uint64_t *waiting; /* numbers of the clients that may say the next thing, in a ring */
static uint64_t waiting_first, waiting_last;

static void say_one(struct client *client, uint64_t stamp) {
    static uint64_t last;
    if (stamp <= last) stamp = last + 1; /* an answer is told by its stamp */
    last = stamp;
    client->sent_at[client->sent++ & (SENDS_AT_ONCE - 1)] = stamp;
    say(client, words_room, template_fill(words, client->sent, stamp, words_room));
    said++;
}

static void answered(struct client *client) {
    client->answered++;
    if (window) waiting[waiting_last++ & 65535] = (uint64_t)client->number;
}

/* With partners, sockets 2n and 2n+1 hear one another; otherwise everybody hears himself too, and the stamp tells. */
static void note(struct client *client, uint64_t stamp, uint64_t at) {
    struct client *sender = partners ? &clients[client->number ^ 1] : client;
    if (partners) {
        stamp = sender->sent_at[sender->answered & (SENDS_AT_ONCE - 1)];
        if (sender->answered < sender->sent) answered(sender);
    } else if (client->number < senders && client->answered < client->sent &&
               stamp == client->sent_at[client->answered & (SENDS_AT_ONCE - 1)]) {
        answered(client);
    }
    if (stamp) histogram_add(&latencies, at > stamp ? at - stamp : 0);
}

static void begin(const struct command *command) {
    words = template_new(text_of(command, "words", ""));
    words_room = realloc(words_room, template_room(words));
    if (!waiting) waiting = calloc(65536, sizeof *waiting);
    partners = number_of(command, "partners", 0) != 0;
    senders = (int)number_of(command, "senders", clients_count);
    window = number_of(command, "rate", 0) > 0 ? 0 : (uint64_t)number_of(command, "window", 1);
    said = frames_seen = bytes_seen = marked_seen = waiting_first = waiting_last = 0;
    histogram_clear(&latencies);
    on_marked = note;
    for (int i = 0; i < clients_count; i++) clients[i].marked = clients[i].sent = clients[i].answered = 0;
    for (uint64_t n = 0; n < window * (uint64_t)senders; n++) waiting[waiting_last++] = n % (uint64_t)senders;
}

static uint64_t answers(void) {
    uint64_t sum = 0;
    for (int i = 0; i < senders; i++) sum += clients[i].answered;
    return sum;
}

/* say: words=TEMPLATE, senders=N (the first), window=N each or rate=R of all, seconds, partners=0|1. */
void measure_saying(const struct command *command) {
    double rate = number_of(command, "rate", 0);
    begin(command);
    uint64_t cpu = loop_cpu_ns(), began = now_ns(), heard = began, before = 0;
    uint64_t end = began + (uint64_t)(number_of(command, "seconds", 5) * 1e9);
    bool stalled = false;
    for (;;) {
        uint64_t now = now_ns(), due = 0;
        if (marked_seen != before) heard = now;
        before = marked_seen;
        stalled = now - heard > SILENCE_NS;
        if (stalled || (now >= end && answers() >= said)) break;
        if (now >= end) {
            loop_turn(10);
            continue;
        }
        while (rate > 0 && (due = began + (uint64_t)((double)said * 1e9 / rate)) <= now && due < end)
            say_one(&clients[said % (uint64_t)senders], due);
        if (rate > 0) loop_wake_at(due);
        while (waiting_first < waiting_last) say_one(&clients[waiting[waiting_first++ & 65535]], now_ns());
        loop_turn(100);
    }
    report_round(began, cpu, said, stalled);
    on_marked = NULL;
}
