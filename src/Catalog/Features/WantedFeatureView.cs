using Catalog.Platform;
using FluentValidation;

namespace Catalog.Features;

/// <summary>A feature view as somebody wants it to be.</summary>
/// <param name="Namespace">Of the view; its entities are those of the namespace.</param>
/// <param name="Name">Of the view.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Definition">Whose features, which, and how they come out of events.</param>
/// <param name="Description">What it is; what it was where left out.</param>
/// <param name="Tags">All that it is to carry; those that it carries where left out.</param>
/// <param name="Tiers">
/// Where its values are to be looked up, in the order in which the places are asked: of <c>memory</c>, <c>redis</c> and <c>offline</c>.
/// What it was where left out; memory and offline from the beginning.
/// </param>
public sealed record WantedFeatureView(
    string Namespace, string Name, string Owner, FeatureDefinition Definition, string? Description = null,
    IReadOnlyList<string>? Tags = null, IReadOnlyList<string>? Tiers = null)
{
    internal NodeId Node() => NodeId.FeatureView(Namespace, Name);

    /// <summary>Shape only: what a definition must be is for <see cref="FeatureRules"/> to say, once the gate was asked.</summary>
    public sealed class Validator : AbstractValidator<WantedFeatureView>
    {
        public Validator()
        {
            RuleFor(s => s.Namespace).IsName();
            RuleFor(s => s.Name).IsName();
            RuleFor(s => s).FitsStream(NodeKind.FeatureView, s => (s.Namespace, s.Name));
            RuleFor(s => s.Owner).IsPrincipal();
            RuleFor(s => s.Description).IsText(Limits.Documentation);
            RuleFor(s => s.Tags).AreTags();
            RuleForEach(s => s.Tiers).NotNull();
            RuleFor(s => s.Tiers).Custom((tiers, context) =>
            {
                if (tiers is not null && ServingTiers.Check(tiers) is { } wrong)
                    context.AddFailure(wrong);
            });
            RuleForEach(s => s.Definition.Features).NotNull();
            RuleForEach(s => s.Definition.Entities).NotNull().ChildRules(e => e.RuleForEach(entity => entity.Keys).NotNull());
        }
    }
}
