using System.CommandLine;
using System.CommandLine.Parsing;

namespace Catalog.Cli;

/// <summary>
/// A node on the command line: <c>demo/flights</c>, <c>dataset:demo/flights@3</c>. Each part is percent-encoded where it holds any of
/// <c>: / @ # %</c>. The kind may be left out where only one makes sense.
/// </summary>
internal sealed class NodeArgument : Argument<NodeId>
{
    private readonly bool _versioned;
    private readonly bool _columns;

    private NodeArgument(string name, NodeKind? kind, bool versioned, bool columns)
        : base(name)
    {
        (Kind, _versioned, _columns) = (kind, versioned, columns);
        CustomParser = Read;
    }

    /// <summary>The one kind that makes sense; null when the text has to say it.</summary>
    public NodeKind? Kind { get; }

    public static NodeArgument Dataset(bool versioned = false, bool columns = false) => new("dataset", NodeKind.Dataset, versioned, columns)
    {
        Description = versioned ? "namespace/name, with @version or @alias (else latest)" : "namespace/name",
    };

    public static NodeArgument Model(bool versioned = false) => new("model", NodeKind.Model, versioned, columns: false)
    {
        Description = versioned ? "namespace/name, with @version or @alias (else latest)" : "namespace/name",
    };

    public static NodeArgument FeatureView(bool versioned = false) => new("view", NodeKind.FeatureView, versioned, columns: false)
    {
        Description = versioned ? "namespace/name, with @version (else the newest)" : "namespace/name",
    };

    public static NodeArgument FeatureService(bool versioned = false) =>
        new("service", NodeKind.FeatureService, versioned, columns: false)
        {
            Description = versioned ? "namespace/name, with @version (else the newest)" : "namespace/name",
        };

    public static NodeArgument Job() => new("job", NodeKind.Job, versioned: false, columns: false) { Description = "namespace/name" };

    public static NodeArgument Run() => new("run", NodeKind.Run, versioned: false, columns: false) { Description = "The run's id" };

    public static NodeArgument Any(string name = "node") => new(name, kind: null, versioned: true, columns: true)
    {
        Description = "kind:namespace/name[@version], such as model:demo/flight-delay@2, or run:<id>, file:<sha256>",
    };

    /// <summary>May be left out; <see cref="Call.Given"/> tells whether it was.</summary>
    public NodeArgument Optional()
    {
        Arity = ArgumentArity.ZeroOrOne;
        return this;
    }

    /// <summary>A command whose first argument is this node.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Insert(0, this);
        if (Kind is not (null or NodeKind.Run))
            RawNames.AddTo(command, _versioned);
    }

    /// <summary>Reads a node of one kind, in text that may leave the kind out.</summary>
    public static bool TryRead(string text, NodeKind kind, out NodeId node, out string error)
    {
        var written = NodeId.TryCreate(kind, kind is NodeKind.Run ? "" : "n", "n", version: null, column: null, out var sample, out _)
            ? sample.ToString().Split(':')[0]
            : "";
        var whole = text.Contains(':', StringComparison.Ordinal) ? text : $"{written}:{text}";
        if (!NodeId.TryParse(whole, out node, out var problem))
        {
            error = kind is NodeKind.Run ? $"'{text}' is not the id of a run: ids are UUIDs." : problem;
            return false;
        }

        error = node.Kind == kind ? "" : $"'{text}' is not a {written}.";
        return node.Kind == kind;
    }

    private NodeId Read(ArgumentResult result)
    {
        if (result.Tokens is not [{ Value: var text }])
            return default;

        if (Kind is { } kind)
        {
            if (Mistake(text, kind, out var node) is { } mistake)
                result.AddError(mistake);

            return node;
        }

        if (!NodeId.TryParse(text, out var any, out var problem))
            result.AddError(problem);

        return any;
    }

    private string? Mistake(string text, NodeKind kind, out NodeId node) => (TryRead(text, kind, out node, out var error), node) switch
    {
        (false, _) when kind is NodeKind.Run => error,
        (false, _) => $"{error.TrimEnd('.')}; or give {RawNames.Namespace} and {RawNames.Name} as they are.",
        (_, { Version: { } version }) when !_versioned =>
            $"'{text}' names a version, but this is about all of them: leave out '@{version}', or write %40 in a name.",
        (_, { Column: { } column }) when !_columns =>
            $"'{text}' names a column, but this is about whole rows: leave out '#{column}', or write %23 in a name.",
        _ => null,
    };
}
