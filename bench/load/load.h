/* What the parts of the load generator share. One thread, one epoll, no dependencies. */
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clock.c: time and randomness. All times are CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);
uint64_t own_cpu_ns(void);
uint64_t random_bits(void);
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* command.c: a line of standard input is a word and key=value pairs, all separated by tabs. */
struct command;
struct command *read_command(void);
const char *command_word(const struct command *command);
const char *text_of(const struct command *command, const char *key, const char *otherwise);
double number_of(const struct command *command, const char *key, double otherwise);

/* histogram.c: latencies, exact to 1.6 %. */
struct histogram {
    uint64_t counts[64 * 64];
    uint64_t total, highest;
};
void histogram_clear(struct histogram *histogram);
void histogram_add(struct histogram *histogram, uint64_t ns);
double histogram_us(const struct histogram *histogram, double part);

/* template.c: text with @SEQ@, @STAMP@, @UUID@ in it. */
struct template;
struct template *template_new(const char *text);
size_t template_fill(const struct template *template, uint64_t seq, uint64_t stamp, char *into);
size_t template_room(const struct template *template);

/* sockets.c: the WebSocket clients. */
#define SENDS_AT_ONCE 64 /* a power of two: what one socket may have under way */
struct client {
    int fd, number;
    bool upgraded, ready, deaf, gone;
    char *rest; /* the beginning of a frame whose end has not come */
    size_t rest_size;
    const char *request; /* path, headers and first words, as its line of the file has them */
    uint64_t began;
    uint64_t marked; /* marked messages in this round */
    uint64_t sent, answered, last_stamp;
    uint64_t sent_at[SENDS_AT_ONCE];
};
struct marks {
    const char *mark;  /* what a message that counts contains; a stamp follows it if there are stamps */
    size_t mark_size;
    bool stamped, lines; /* lines: a frame may hold several messages, one a line */
    const char *ready, *ping, *pong;
};
extern struct client *clients;
extern int clients_count, clients_open, clients_deaf, clients_lost;
extern struct marks marks;
extern void (*on_marked)(struct client *client, uint64_t stamp, uint64_t at);
extern uint64_t frames_seen, bytes_seen, marked_seen;
void set_marks(const struct command *command);
void open_sockets(const struct command *command);
void close_sockets(void);
void deafen(int first, bool deaf);
void say(struct client *client, const char *text, size_t size);
/* With the ping's own payload, or a server takes it for no answer and drops the socket after a while. */
void pong(struct client *client, const char *payload, size_t size);
void read_client(struct client *client);

/* frames.c: WebSocket frames of the server, in a stream of bytes. */
size_t scan_frames(struct client *client, const char *bytes, size_t size, uint64_t at);

/* loop.c: waiting for what happens. */
void loop_add(int fd, void *who);
void loop_remove(int fd);
void loop_turn(int milliseconds);
/* The same without ever sleeping. To wake a sleeping core costs whoever writes more than the write itself, and only a slow
   server gives this one time to sleep. */
void loop_turn_awake(int milliseconds);
/* CPU time of this process but for what it looked in vain. */
uint64_t loop_cpu_ns(void);
void loop_wake_at(uint64_t ns);
bool is_publisher(const void *who);
bool is_page_reader(const void *who);

/* publisher.c: events from outside, through the broker. */
void publisher_connect(const struct command *command);
void publish(const char *subject, const char *payload, size_t size);
void publisher_flush(void);
void publisher_read(void);
size_t publisher_waiting(void);

/* What can be measured; each prints one line of JSON. */
void measure_publishing(const struct command *command);
void measure_saying(const struct command *command);
void measure_pages(const struct command *command);
void page_answered(void *who);
void report_round(uint64_t began, uint64_t cpu_began, uint64_t sent, bool stalled);
extern struct histogram latencies;

#endif
