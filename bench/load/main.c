/* The load generator: commands on standard input, one line of JSON on standard output for each. Pings are always answered.
 *
 *   broker   connects to what publishes            (publisher.c)
 *   open     opens WebSockets, "close" closes all  (sockets.c)
 *   deafen   first=N stop reading, "hear" undoes it
 *   publish  measures deliveries                   (publishing.c)
 *   say      measures what clients say             (saying.c)
 *   get      measures pages                        (pages.c)
 *   rest     seconds=S: measures nothing
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "load.h"

struct histogram latencies;

void report_round(uint64_t began, uint64_t cpu_began, uint64_t sent, bool stalled) {
    printf("{\"seconds\":%.6f,\"sent\":%llu,\"delivered\":%llu,\"frames\":%llu,\"bytes\":%llu,\"sockets\":%d,\"lost\":%d,"
           "\"stalled\":%s,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"load_cpu\":%.6f}\n",
           (double)(now_ns() - began) / 1e9, (unsigned long long)sent, (unsigned long long)marked_seen,
           (unsigned long long)frames_seen, (unsigned long long)bytes_seen, clients_open, clients_lost,
           stalled ? "true" : "false", histogram_us(&latencies, 0.5), histogram_us(&latencies, 0.99),
           histogram_us(&latencies, 1), (double)(loop_cpu_ns() - cpu_began) / 1e9);
}

static void rest(double seconds) {
    uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    while (now_ns() < end) loop_turn(20);
    printf("{\"sockets\":%d,\"lost\":%d}\n", clients_open, clients_lost);
}

static void obey(const struct command *command) {
    const char *word = command_word(command);
    if (!strcmp(word, "broker")) publisher_connect(command);
    else if (!strcmp(word, "open")) open_sockets(command);
    else if (!strcmp(word, "close")) close_sockets();
    else if (!strcmp(word, "deafen")) deafen((int)number_of(command, "first", 0), true);
    else if (!strcmp(word, "hear")) deafen((int)number_of(command, "first", 0), false);
    else if (!strcmp(word, "publish")) measure_publishing(command);
    else if (!strcmp(word, "say")) measure_saying(command);
    else if (!strcmp(word, "get")) measure_pages(command);
    else if (!strcmp(word, "rest")) rest(number_of(command, "seconds", 1));
    else fail("there is no command %s", word);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (struct command *command; (command = read_command());) obey(command);
    return 0;
}
