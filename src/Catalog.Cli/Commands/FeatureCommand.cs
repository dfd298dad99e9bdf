using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature …</c>: feature views, what they are and were.</summary>
internal static class FeatureCommand
{
    public static Command Create() => new Command("feature", "Feature views: whose features, which, how they are made, and how served")
    {
        FeatureApplyVerb.Create(),
        List(),
        Show(),
        FeatureGetVerb.Create(),
        FeaturePushVerb.Create(),
        FeatureExplainVerb.Create(),
        MaterializeVerbs.Materialize(),
        MaterializeVerbs.Verify(),
        Tag("tag", "Adds a tag to a view", "tagged", (c, name, tag, ct) => c.TagAsync(name, tag, ct)),
        Tag("untag", "Takes a tag away", "untagged", (c, name, tag, ct) => c.UntagAsync(name, tag, ct)),
        VersionVerbs.Retire(NodeArgument.FeatureView(), (c, name, reason, ct) => c.Features.RetireAsync(name, reason, ct)),
        FeatureServiceCommand.Create(),
        GenerationVerbs.List(),
        GenerationVerbs.Show(),
        GenerationVerbs.Activate(),
        GenerationVerbs.RollBack(),
        GenerationVerbs.Drop(),
    }.WithConnection();

    private static Command List()
    {
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace" };
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists feature views") { ns, limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Features.ListAsync(call.Value(ns), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("VIEW", v => v.Node.ToString()),
            new("LATEST", v => v.Latest.ToString(CultureInfo.InvariantCulture), Right: true),
            new("ENTITIES", v => string.Join(", ", v.Entities)),
            new("SOURCE", v => v.Dataset.ToString()),
            new("FEATURES", v => v.Features.Count.ToString(CultureInfo.InvariantCulture), Right: true),
            new("TAGS", v => string.Join(", ", v.Tags ?? [])),
            new("OWNER", v => v.Owner),
            new("UPDATED", v => Plain.Time(v.UpdatedAt)),
            new("", v => v.Retired ? "retired" : "")));
    }

    private static Command Show()
    {
        var view = NodeArgument.FeatureView(versioned: true);
        view.Description = "namespace/name for the view, with @version for one version";
        var command = new Command("show", "Shows a feature view, or one of its versions");
        view.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            if (call.Required(view).Version is { } version)
                Show(call.Screen, await call.Catalog.Features.GetVersionAsync(call.Name(view), version, ct));
            else
                Show(call.Screen, await call.Catalog.Features.GetAsync(call.Name(view), ct));
        });
    }

    private static void Show(Screen screen, FeatureView v)
    {
        var newest = v.Versions[^1];
        screen.Show(
            v,
            ("view", v.Node.ToString()),
            ("owner", v.Owner),
            ("description", v.Description),
            ("tags", string.Join(", ", v.Tags ?? [])),
            ("latest", v.Latest.ToString(CultureInfo.InvariantCulture)),
            ("entities", DefinitionText.Entities(newest.Definition)),
            ("source", newest.Definition.Source.Dataset.ToString()),
            ("times", DefinitionText.Times(newest.Definition.Source)),
            ("ttl", newest.Definition.TimeToLive is { } span ? SpanText.Write(span) : null),
            ("features", DefinitionText.Features(newest.Definition)),
            ("served from", string.Join(", ", v.Tiers ?? [])),
            ("generation", newest.Active is { } active ? NodeId.Generation(active).ToString() : null),
            ("hash", newest.Hash),
            ("registered", $"{Plain.Time(v.RegisteredAt)} by {v.RegisteredBy}"),
            ("updated", Plain.Time(v.UpdatedAt)),
            ("retired", v.Retired ? v.RetiredBecause ?? "yes" : null));
    }

    private static void Show(Screen screen, FeatureViewVersion v) => screen.Show(
        v,
        ("version", v.Node.ToString()),
        ("entities", DefinitionText.Entities(v.Definition)),
        ("source", v.Definition.Source.Dataset.ToString()),
        ("times", DefinitionText.Times(v.Definition.Source)),
        ("ttl", v.Definition.TimeToLive is { } span ? SpanText.Write(span) : null),
        ("features", DefinitionText.Features(v.Definition)),
        ("generation", v.Active is { } active ? NodeId.Generation(active).ToString() : null),
        ("hash", v.Hash),
        ("defined", $"{Plain.Time(v.DefinedAt)} by {v.DefinedBy}"),
        ("extended", v.ExtendedAt is { } at ? $"{Plain.Time(at)} by {v.ExtendedBy}" : null));

    private static Command Tag(
        string verb, string description, string done, Func<FeatureClient, QualifiedName, string, CancellationToken, Task<Receipt>> change)
    {
        var view = NodeArgument.FeatureView();
        var tag = new Argument<string>("tag") { Description = "The tag" }.NotEmpty();
        var command = new Command(verb, description) { tag };
        view.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await change(call.Catalog.Features, call.Name(view), call.Required(tag), ct), $"{done}: {call.Required(tag)}"));
    }
}
