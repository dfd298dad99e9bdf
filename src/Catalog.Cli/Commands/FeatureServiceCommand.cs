using System.CommandLine;
using System.Globalization;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog feature service …</c>: which features models are served.</summary>
internal static class FeatureServiceCommand
{
    public static Command Create() => new("service", "Feature services: which features a model is served")
    {
        List(),
        Show(),
        FeatureServiceLevelsVerb.Create(),
        Tag("tag", "Adds a tag to a service", "tagged", (c, name, tag, ct) => c.TagAsync(name, tag, ct)),
        Tag("untag", "Takes a tag away", "untagged", (c, name, tag, ct) => c.UntagAsync(name, tag, ct)),
        VersionVerbs.Retire(NodeArgument.FeatureService(), (c, name, reason, ct) => c.Features.Services.RetireAsync(name, reason, ct)),
    };

    private static Command List()
    {
        var ns = new Option<string?>("--namespace") { Description = "Only this namespace" };
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists feature services") { ns, limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Features.Services.ListAsync(call.Value(ns), DatasetCommand.PageSize(call.Value(limit)), ct),
            call.Value(limit),
            ct,
            new("SERVICE", s => s.Node.ToString()),
            new("LATEST", s => s.Latest.ToString(CultureInfo.InvariantCulture), Right: true),
            new("VIEWS", s => string.Join(", ", s.Views)),
            new("LATENCY", s => Latency(s.LatencyTarget), Right: true),
            new("AVAILABILITY", s => Availability(s.Availability), Right: true),
            new("TAGS", s => string.Join(", ", s.Tags ?? [])),
            new("OWNER", s => s.Owner),
            new("UPDATED", s => Plain.Time(s.UpdatedAt)),
            new("", s => s.Retired ? "retired" : "")));
    }

    private static Command Show()
    {
        var service = NodeArgument.FeatureService(versioned: true);
        service.Description = "namespace/name for the service, with @version for one version";
        var command = new Command("show", "Shows a feature service, or one of its versions");
        service.AddTo(command);
        return command.Does(async (call, ct) =>
        {
            var services = call.Catalog.Features.Services;
            if (call.Required(service).Version is { } version)
                Show(call.Screen, await services.GetVersionAsync(call.Name(service), version, ct));
            else
                Show(call.Screen, await services.GetAsync(call.Name(service), ct));
        });
    }

    private static void Show(Screen screen, FeatureService s)
    {
        var newest = s.Versions[^1];
        screen.Show(
            s,
            ("service", s.Node.ToString()),
            ("owner", s.Owner),
            ("description", s.Description),
            ("tags", string.Join(", ", s.Tags ?? [])),
            ("latest", s.Latest.ToString(CultureInfo.InvariantCulture)),
            ("views", DefinitionText.Views(newest.Definition)),
            ("latency", Latency(newest.Definition.LatencyTarget)),
            ("availability", Availability(newest.Definition.Availability)),
            ("hash", newest.Hash),
            ("registered", $"{Plain.Time(s.RegisteredAt)} by {s.RegisteredBy}"),
            ("updated", Plain.Time(s.UpdatedAt)),
            ("retired", s.Retired ? s.RetiredBecause ?? "yes" : null));
    }

    private static void Show(Screen screen, FeatureServiceVersion v) => screen.Show(
        v,
        ("version", v.Node.ToString()),
        ("views", DefinitionText.Views(v.Definition)),
        ("latency", Latency(v.Definition.LatencyTarget)),
        ("availability", Availability(v.Definition.Availability)),
        ("hash", v.Hash),
        ("defined", $"{Plain.Time(v.DefinedAt)} by {v.DefinedBy}"));

    internal static string? Latency(TimeSpan? target) => target is { } span ? SpanText.Write(span) : null;

    private static string? Availability(double? part) => part?.ToString(CultureInfo.InvariantCulture);

    private static Command Tag(
        string verb, string description, string done,
        Func<FeatureServiceClient, QualifiedName, string, CancellationToken, Task<Receipt>> change)
    {
        var service = NodeArgument.FeatureService();
        var tag = new Argument<string>("tag") { Description = "The tag" }.NotEmpty();
        var command = new Command(verb, description) { tag };
        service.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await change(call.Catalog.Features.Services, call.Name(service), call.Required(tag), ct), $"{done}: {call.Required(tag)}"));
    }
}
