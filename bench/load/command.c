/* Commands: lines of standard input such as "publish<TAB>window=8<TAB>seconds=5". */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

#define PAIRS 32

struct command {
    char *line, *word;
    char *keys[PAIRS], *values[PAIRS];
    int count;
};

struct command *read_command(void) {
    static struct command command;
    static char *line;
    static size_t room;
    /* Servers drop whoever does not answer pings, and others may take their turns for a minute. */
    struct pollfd said = {.fd = STDIN_FILENO, .events = POLLIN};
    while (!poll(&said, 1, 0)) loop_turn(20);
    if (getline(&line, &room, stdin) < 0) return NULL;
    line[strcspn(line, "\n")] = 0;
    command.count = 0;
    char *rest = line;
    command.word = strsep(&rest, "\t");
    for (char *pair; (pair = strsep(&rest, "\t")) && command.count < PAIRS;) {
        command.keys[command.count] = strsep(&pair, "=");
        command.values[command.count++] = pair ? pair : "";
    }
    return &command;
}

const char *command_word(const struct command *command) { return command->word; }

const char *text_of(const struct command *command, const char *key, const char *otherwise) {
    for (int i = 0; i < command->count; i++)
        if (!strcmp(command->keys[i], key)) return command->values[i];
    return otherwise;
}

double number_of(const struct command *command, const char *key, double otherwise) {
    const char *text = text_of(command, key, NULL);
    return text ? atof(text) : otherwise;
}
