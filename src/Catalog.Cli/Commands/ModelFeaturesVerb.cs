using System.CommandLine;
using Catalog.Cli.Printing;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog model features</c>: says which feature service a version is served.</summary>
internal static class ModelFeaturesVerb
{
    public static Command Create()
    {
        var model = NodeArgument.Model(versioned: true);
        var service = new Argument<string>("service")
        {
            Description = "The feature service: namespace/name, with @version (else the newest)",
        }.NotEmpty();
        var command = new Command("features", "Says which feature service a version is served") { service };
        model.AddTo(command);
        return command.Does(async (call, ct) => call.Screen.Receipt(
            await call.Catalog.Models.NameFeatureServiceAsync(
                call.Name(model), call.Version(model), Service(call.Required(service)), ct),
            "is served it"));
    }

    /// <exception cref="UsageException">It is none.</exception>
    public static NodeId Service(string text) => NodeArgument.TryRead(text, NodeKind.FeatureService, out var service, out var wrong)
        ? service
        : throw new UsageException($"'{text}' is to be a feature service, such as demo/flight_delay: {wrong}");
}
