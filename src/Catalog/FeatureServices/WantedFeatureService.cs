using Catalog.Features;
using Catalog.Platform;
using FluentValidation;

namespace Catalog.FeatureServices;

/// <summary>A feature service as somebody wants it to be.</summary>
/// <param name="Namespace">Of the service.</param>
/// <param name="Name">Of the service.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Definition">Which features of which views; a view without a version means the newest, or what the plan leads to.</param>
/// <param name="Description">What it is; what it was where left out.</param>
/// <param name="Tags">All that it is to carry; those that it carries where left out.</param>
public sealed record WantedFeatureService(
    string Namespace, string Name, string Owner, FeatureServiceDefinition Definition, string? Description = null,
    IReadOnlyList<string>? Tags = null)
{
    internal NodeId Node() => NodeId.FeatureService(Namespace, Name);

    /// <summary>Shape only: what a definition must be is for <see cref="FeatureServiceRules"/> to say, once the gate was asked.</summary>
    public sealed class Validator : AbstractValidator<WantedFeatureService>
    {
        public Validator()
        {
            RuleFor(s => s.Namespace).IsName();
            RuleFor(s => s.Name).IsName();
            RuleFor(s => s).FitsStream(NodeKind.FeatureService, s => (s.Namespace, s.Name));
            RuleFor(s => s.Owner).IsPrincipal();
            RuleFor(s => s.Description).IsText(Limits.Documentation);
            RuleFor(s => s.Tags).AreTags();
            RuleForEach(s => s.Definition.Views).NotNull().ChildRules(v => v.RuleForEach(served => served.Features).NotNull());
        }
    }
}
