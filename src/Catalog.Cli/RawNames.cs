using System.CommandLine;

namespace Catalog.Cli;

/// <summary>
/// Names that need no encoding: <c>--namespace s3://lake --name a/b --at 3</c> is rewritten to the node text in its place,
/// <c>dataset:s3%3A%2F%2Flake/a%2Fb@3</c>, before anything is parsed. So every command knows only one way to be given a node.
/// </summary>
internal static class RawNames
{
    public const string Namespace = "--namespace";
    public const string Name = "--name";
    public const string At = "--at";

    /// <summary>Tells help of the three options, on a command whose first argument is a node.</summary>
    public static void AddTo(Command command, bool versioned)
    {
        command.Options.Add(new Option<string>(Namespace) { Description = "Namespace as it is, with --name, in place of the node text" });
        command.Options.Add(new Option<string>(Name) { Description = "Name as it is, with --namespace" });
        if (versioned)
            command.Options.Add(
                new Option<string>(At) { Description = "Version number or alias, with --namespace and --name", HelpName = "version" });
    }

    /// <exception cref="UsageException">One of the two parts is missing, or they are no names.</exception>
    public static IReadOnlyList<string> Rewrite(RootCommand root, IReadOnlyList<string> args)
    {
        // Everything else keeps its order; the node goes behind the verb, wherever the three options stand.
        Command leaf = root;
        var place = 0;
        var rest = new List<string>();
        var raw = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] == "--")
            {
                rest.AddRange(args.Skip(i));
                break;
            }

            if (TryTake(args, ref i, raw))
                continue;

            rest.Add(args[i]);
            if (leaf.Subcommands.FirstOrDefault(c => c.Name == args[i] || c.Aliases.Contains(args[i])) is { } next)
                (leaf, place) = (next, rest.Count);
        }

        // Where the kind has to be written the options of these names are the command's own.
        if (raw.Count == 0 || leaf.Arguments.FirstOrDefault() is not NodeArgument { Kind: not null } argument)
            return args;

        rest.Insert(place, ToNode(argument, raw).ToString());
        return rest;
    }

    private static bool TryTake(IReadOnlyList<string> args, ref int i, Dictionary<string, string> raw)
    {
        foreach (var option in (ReadOnlySpan<string>)[Namespace, Name, At])
        {
            if (args[i].StartsWith(option + "=", StringComparison.Ordinal))
            {
                raw[option] = args[i][(option.Length + 1)..];
                return true;
            }

            if (args[i] != option)
                continue;

            if (i + 1 == args.Count)
                return false;

            raw[option] = args[++i];
            return true;
        }

        return false;
    }

    private static NodeId ToNode(NodeArgument argument, Dictionary<string, string> raw)
    {
        if (!raw.TryGetValue(Namespace, out var ns) || !raw.TryGetValue(Name, out var name))
            throw new UsageException("--namespace and --name go together, and --at only with them; else write namespace/name@version.");

        var kind = argument.Kind ?? throw new ArgumentException("Its text says the kind.", nameof(argument));
        return NodeId.TryCreate(kind, ns, name, raw.GetValueOrDefault(At), column: null, out var node, out var error)
            ? node
            : throw new UsageException(error);
    }
}
