import { defineCommand } from "../command/command.ts";

export const completionCommand = defineCommand({
  name: "completion",
  summary: "print the completions of a shell",
  description: ["Prints what makes the shell complete commands, options and files."],
  operands: {
    kind: "one",
    placeholder: "bash|zsh|fish",
    isOptional: false,
    words: ["bash", "zsh", "fish"],
  },
  options: {},
  examples: [
    { what: "bash, for this session or in ~/.bashrc", command: 'eval "$(pushfleet completion bash)"' },
    {
      what: "zsh",
      command: "pushfleet completion zsh > /usr/local/share/zsh/site-functions/_pushfleet",
    },
    { what: "fish", command: "pushfleet completion fish > ~/.config/fish/completions/pushfleet.fish" },
  ],
  async run({ operands: [shell] }, context) {
    const [{ completions }, { loadAllCommands }] = await Promise.all([
      import("./completions.ts"),
      import("../commands.ts"),
    ]);
    const commands = await loadAllCommands();
    // The reader of arguments lets no other word through.
    context.stdout.write(completions(shell as "bash" | "zsh" | "fish", commands));
    return 0;
  },
});
