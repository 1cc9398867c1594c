"""What is true without any screen: model, inference, documents, formats.

Shape legend, used in every trailing comment of this package:

    B batch                 Q queries               K classes (class_logits have K + 1, the last = no object)
    C mask channels         D model width           H W picture size
    h w stride-4 grid       S segments              P clicks            T target segments
"""
